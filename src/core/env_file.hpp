#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headroom {

/// One `NAME=VALUE` of a .env file.
struct EnvLine {
    std::string name;
    std::string value;
    std::size_t line = 0;  ///< counted from 1
    bool operator==(const EnvLine&) const = default;
};

/// A line that could not be read. The message never repeats the value, which may be a secret.
struct EnvFault {
    std::size_t line = 0;
    std::size_t column = 0;  ///< of the byte, counted from 1
    std::string message;
    bool operator==(const EnvFault&) const = default;
};

struct EnvFile {
    std::vector<EnvLine> lines;    ///< in the file's order; no name stands twice
    std::vector<EnvFault> faults;  ///< at most `env_faults_max`
};

inline constexpr std::size_t env_file_bytes_max = 64UL * 1024;
inline constexpr std::size_t env_name_bytes_max = 128;
inline constexpr std::size_t env_value_bytes_max = 8UL * 1024;
inline constexpr std::size_t env_faults_max = 64;

/// Reads the text of a .env file (grammar: docs/formats/env-file.md): no expansion, no multi-line values, so
/// that what stands in the file is what is taken. Pure; any bytes are answered.
[[nodiscard]] EnvFile read_env_text(std::string_view text);

}  // namespace headroom
