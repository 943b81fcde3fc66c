/* Included ahead of everything when scripts/setup builds mlx-c on Linux, and when it makes the Rust bindings of it:
 * the two things that mlx-c expects of its platform and that an x86 Linux with an older GCC lacks. */

#ifndef CHIPMARK_MLX_PRELUDE_H
#define CHIPMARK_MLX_PRELUDE_H

/* mlx-c leaves out the functions for half-precision arrays where the processor is no ARM; mlx-rs calls them
 * everywhere. Only pointers to these types cross the boundary, so their size is what matters. */
#if !defined(__aarch64__)
#include <stdint.h>
#define HAS_FLOAT16
typedef _Float16 float16_t;
#define HAS_BFLOAT16
typedef uint16_t bfloat16_t;
#endif

/* GCC before 13 has no <format>. mlx-c calls std::format for the text of five errors, with plain {} alone. */
#if defined(__cplusplus)
#include <version>
#if defined(__cpp_lib_format)
#include <format>
#else
#include <sstream>
#include <string>
#include <string_view>

namespace std {

inline void chipmark_format_into(ostringstream& out, string_view text) {
  out << text;
}

template <typename First, typename... Rest>
void chipmark_format_into(
    ostringstream& out,
    string_view text,
    const First& first,
    const Rest&... rest) {
  const auto hole = text.find("{}");
  if (hole == string_view::npos) {
    out << text;
    return;
  }
  out << text.substr(0, hole) << first;
  chipmark_format_into(out, text.substr(hole + 2), rest...);
}

template <typename... Args>
string format(string_view text, const Args&... args) {
  ostringstream out;
  chipmark_format_into(out, text, args...);
  return out.str();
}

} // namespace std
#endif
#endif

#endif
