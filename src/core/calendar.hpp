#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <map>
#include <set>
#include <string_view>
#include <vector>

namespace headroom {

/// Which days are worked in England and Wales: Monday to Friday without the bank holidays. Bank holidays are
/// data by the year; a year that was not loaded is a fault, never "no holidays". Source: shared settlement
/// rules, gov.uk.
class Calendar {
  public:
    /// The bank holidays of 2025, 2026 and 2027.
    [[nodiscard]] static Calendar england_and_wales();
    /// No year at all; a base for `load`.
    Calendar() = default;

    /// Adds the holidays of a text, and with them their years (a year already held is replaced whole). Either
    /// JSON in the form of www.gov.uk/bank-holidays.json or a plain list of dates, or lines with a date in
    /// front (CSV, an optional heading). Errors: `invalid` naming the line or pointer; the calendar is then
    /// unchanged.
    [[nodiscard]] Result<void> load(std::string_view text);

    /// Errors: `not_found` when the year's holidays are not loaded.
    [[nodiscard]] Result<bool> is_bank_holiday(Date date) const;
    /// Errors: `not_found` when the year's holidays are not loaded.
    [[nodiscard]] Result<bool> is_working_day(Date date) const;
    /// The years that are loaded, ascending.
    [[nodiscard]] std::vector<int> years() const;

  private:
    std::map<int, std::set<Date>> holidays_;
};

}  // namespace headroom
