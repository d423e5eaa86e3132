#pragma once

#include "core/result.hpp"

#include <string_view>

namespace headroom::app {

/// The exit code when a server refused what was asked of it.
inline constexpr int exit_refused = 1;
/// The exit code when there was no answer, or the question could not even be asked.
inline constexpr int exit_no_answer = 2;

/// Says "headroom <command>: <why>" on stderr; the exit code that says the error's kind.
int complain(std::string_view command, const Error& error);
/// The same with an exit code of the caller's, which it answers.
int complain(std::string_view command, std::string_view why, int code);

}  // namespace headroom::app
