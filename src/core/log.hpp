#pragma once

#include "core/json.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace headroom::log {

enum class Level { debug, info, warn, error };
[[nodiscard]] std::string_view to_string(Level level);

/// One line on stderr: JSON (`ts`, `level`, `msg`, the fields) or, on a terminal, for people. Any thread.
void write(Level level, std::string_view message, const json::Object& fields = {});
inline void debug(std::string_view message, const json::Object& fields = {}) {
    write(Level::debug, message, fields);
}
inline void info(std::string_view message, const json::Object& fields = {}) {
    write(Level::info, message, fields);
}
inline void warn(std::string_view message, const json::Object& fields = {}) {
    write(Level::warn, message, fields);
}
inline void error(std::string_view message, const json::Object& fields = {}) {
    write(Level::error, message, fields);
}

void set_level(Level level);
/// Sends lines elsewhere (tests); an empty function restores stderr.
void set_sink(std::function<void(std::string_view line)> sink);

}  // namespace headroom::log
