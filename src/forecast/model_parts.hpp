#pragma once

#include "core/json.hpp"
#include "forecast/trees.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::forecast {

template <class T, class Get>
json::Array list(const std::vector<T>& values, Get get) {
    json::Array out;
    out.reserve(values.size());
    for (const T& value : values) {
        out.emplace_back(get(value));
    }
    return out;
}

inline json::Array numbers(const std::vector<double>& values) {
    return list(values, [](double v) { return v; });
}

[[nodiscard]] json::Value write(const Trees& trees);

/// Reads members of the file's JSON; the first that is missing or of another kind is remembered.
class Fields {
  public:
    [[nodiscard]] const std::optional<Error>& fault() const { return fault_; }
    void refuse(const std::string& what) {
        if (!fault_) {
            fault_ = Error{Errc::corrupt, "the model file's " + what};
        }
    }
    double number(const json::Value& from, const char* key) {
        const json::Value* value = from.get(key);
        const std::optional<double> read = value != nullptr ? value->as_double() : std::nullopt;
        if (!read) {
            refuse(std::string(key) + " is no number");
        }
        return read.value_or(0.0);
    }
    std::int64_t integer(const json::Value& from, const char* key) {
        const json::Value* value = from.get(key);
        const std::optional<std::int64_t> read = value != nullptr ? value->as_int() : std::nullopt;
        if (!read) {
            refuse(std::string(key) + " is no whole number");
        }
        return read.value_or(0);
    }
    std::string text(const json::Value& from, const char* key) {
        const json::Value* value = from.get(key);
        if (value == nullptr || value->as_string() == nullptr) {
            refuse(std::string(key) + " is no text");
            return {};
        }
        return *value->as_string();
    }
    const json::Array& array(const json::Value& from, const char* key) {
        static const json::Array none;
        const json::Value* value = from.get(key);
        if (value == nullptr || value->as_array() == nullptr) {
            refuse(std::string(key) + " is no list");
            return none;
        }
        return *value->as_array();
    }
    std::vector<double> numbers(const json::Value& from, const char* key) {
        std::vector<double> out;
        for (const json::Value& value : array(from, key)) {
            if (!value.as_double()) {
                refuse(std::string(key) + " holds what is no number");
            }
            out.push_back(value.as_double().value_or(0.0));
        }
        return out;
    }
    std::vector<std::string> texts(const json::Value& from, const char* key) {
        std::vector<std::string> out;
        for (const json::Value& value : array(from, key)) {
            if (value.as_string() == nullptr) {
                refuse(std::string(key) + " holds what is no text");
            }
            out.push_back(value.as_string() != nullptr ? *value.as_string() : "");
        }
        return out;
    }
    const json::Value& member(const json::Value& from, const char* key) {
        static const json::Value none;
        const json::Value* value = from.get(key);
        if (value == nullptr) {
            refuse(std::string(key) + " is missing");
        }
        return value != nullptr ? *value : none;
    }

  private:
    std::optional<Error> fault_;
};

/// Errors go into `fields`. The trees answer their probe rows as they did when they were written.
[[nodiscard]] Trees read_trees(Fields& fields, const json::Value& from, std::size_t features);

/// The two lines of a model file: first words and checksum, then the body.
[[nodiscard]] std::string sealed(std::string_view first_words, const json::Value& body);
/// Errors: `unsupported` for other first words, `corrupt` for another checksum or a body that is no JSON.
[[nodiscard]] Result<json::Value> unsealed(std::string_view first_words, std::string_view text);

/// Writes beside the file, then renames. Errors: `unavailable`.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& file, const std::string& text);
/// Errors: `not_found`.
[[nodiscard]] Result<std::string> read_whole_file(const std::filesystem::path& file);

}  // namespace headroom::forecast
