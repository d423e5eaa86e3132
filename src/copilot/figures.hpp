#pragma once

#include "core/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::copilot {

/// Numbers and words of the answers that a text may rest on. A number knows its unit from its member's name
/// (`load_kw`, `cost_gbp`, `headroom_share`); how many items a list has counts as a number too.
class Sources {
  public:
    /// Adds every number and text below `value`.
    void add(const json::Value& value);
    /// Adds what a person wrote, so that its own numbers may be repeated.
    void add_text(std::string_view text);
    [[nodiscard]] bool empty() const { return numbers_.empty() && texts_.empty(); }

    /// What a number measures.
    enum class Measure : std::uint8_t { none, kw, kwh, gbp, share, ms };

    /// Whether a source has this number when it is rounded to `decimals`, in this measure. A text without a
    /// unit is held against all. Signs may differ: "4 kW over" is a headroom of −4.
    [[nodiscard]] bool has_number(double value, int decimals, Measure measure, double scale) const;
    /// Whether a text holds `word` as a word, or a part of it between separators.
    [[nodiscard]] bool has_word(std::string_view word) const;

  private:
    void add_value(const json::Value& value, std::string_view key);

    struct Number {
        double value = 0.0;
        Measure measure = Measure::none;
    };
    std::vector<Number> numbers_;
    std::vector<std::string> texts_;
};

/// The figures of `text` that no source has: numbers with or without a unit, times, ids with digits. Numbers
/// at the start of a line that only count it ("2. …") are none. Empty when every figure has its source.
[[nodiscard]] std::vector<std::string> unsourced_figures(std::string_view text, const Sources& sources);

/// Whether the text holds any figure at all.
[[nodiscard]] bool has_figures(std::string_view text);

}  // namespace headroom::copilot
