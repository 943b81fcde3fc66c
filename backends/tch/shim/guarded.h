// How each function of the shim answers: it returns 0 and writes its answer to `text`, or returns 1 and writes why not.
// No exception leaves the shim. `text` holds `text_bytes` bytes and is always ended by a NUL; what does not fit is cut off.

#pragma once

#include <c10/util/Exception.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

inline void write(char* text, size_t text_bytes, const char* from) noexcept {
  if (text_bytes == 0) {
    return;
  }
  const size_t length = std::min(std::strlen(from), text_bytes - 1);
  std::memcpy(text, from, length);
  text[length] = '\0';
}

// Runs `body`, which returns the text to be written.
template <class Body>
int guarded(char* text, size_t text_bytes, Body&& body) noexcept {
  try {
    const std::string answer = std::forward<Body>(body)();
    write(text, text_bytes, answer.c_str());
    return 0;
  } catch (const c10::Error& error) {
    write(text, text_bytes, error.what_without_backtrace());
  } catch (const std::exception& error) {
    write(text, text_bytes, error.what());
  } catch (...) {
    write(text, text_bytes, "a C++ exception of an unknown type");
  }
  return 1;
}

inline const char* on_off(bool on) {
  return on ? "on" : "off";
}
