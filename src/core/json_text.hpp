#pragma once

#include "core/json_write.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::json {

/// A flat JSON object, written member after member straight into its text: for records that are made several
/// times a message, where a tree of values would cost more than the record. Keys are ours, plain and
/// different.
class ObjectText {
  public:
    explicit ObjectText(std::size_t bytes_expected) { text_.reserve(bytes_expected); }

    ObjectText& add(std::string_view key, std::string_view value) {
        begin(key);
        append_string(text_, value);
        return *this;
    }
    ObjectText& add(std::string_view key, std::int64_t value) {
        begin(key);
        append_integer(text_, value);
        return *this;
    }
    [[nodiscard]] std::string take() {
        text_ += text_.empty() ? "{}" : "}";
        return std::move(text_);
    }

  private:
    void begin(std::string_view key) {
        text_ += text_.empty() ? "{\"" : ",\"";
        text_ += key;
        text_ += "\":";
    }
    std::string text_;
};

}  // namespace headroom::json
