#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::feeds {

/// A record of an answer that was left out, or a value in it that was not believed.
struct RowFault {
    std::string pointer;  ///< JSON Pointer into the answer
    std::string why;
    bool operator==(const RowFault&) const = default;
};

/// What could be read of an answer. Records with a fault are missing, values that cannot be believed are
/// absent; the rest stands. Never more than a hundred faults are kept; `faults_total` counts them all.
template <class T>
struct FeedValues {
    std::vector<T> values;
    std::vector<RowFault> faults;
    std::size_t faults_total = 0;
    std::string next;  ///< address or offset of the next page, as the service gave it; empty at the end
};

/// Collects the faults of one answer.
class FaultBook {
  public:
    static constexpr std::size_t kept_max = 100;
    void add(std::string pointer, std::string why) {
        total_ += 1;
        if (faults_.size() < kept_max) {
            faults_.push_back({std::move(pointer), std::move(why)});
        }
    }
    template <class T>
    void give(FeedValues<T>& values) {
        values.faults = std::move(faults_);
        values.faults_total = total_;
    }

  private:
    std::vector<RowFault> faults_;
    std::size_t total_ = 0;
};

/// One record of an answer: its members, with bounds, each fault under the record's pointer. After a fault in
/// a required member `ok` is false and the record is to be left out.
class RowReader {
  public:
    RowReader(const json::Value& row, std::string pointer, FaultBook& faults)
        : row_(row), pointer_(std::move(pointer)), faults_(faults) {}

    [[nodiscard]] bool ok() const { return ok_; }
    void refuse(std::string_view name, std::string why);
    /// A number that must be there, in [min, max].
    [[nodiscard]] double number(std::string_view name, double min, double max);
    /// Absent where it is missing or null; where it is out of [min, max] absent too, and a fault.
    [[nodiscard]] std::optional<double> maybe(std::string_view name, double min, double max);
    [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
    /// A text that must be there, of 1 to `max` bytes.
    [[nodiscard]] std::string text(std::string_view name, std::size_t max = 256);
    [[nodiscard]] std::string text_or_empty(std::string_view name, std::size_t max = 4096);
    /// A time that must be there, with a zone, or in UTC where the service says so.
    [[nodiscard]] UtcTime time(std::string_view name, bool is_utc_assumed = false);
    /// The same where it may be missing, null or empty.
    [[nodiscard]] std::optional<UtcTime> maybe_time(std::string_view name, bool is_utc_assumed = false);
    /// A time by the clock of London without a zone; in the hour that comes twice, the first.
    [[nodiscard]] std::optional<UtcTime> maybe_local_time(std::string_view name);
    [[nodiscard]] const json::Value* member(std::string_view name) const { return row_.get(name); }
    [[nodiscard]] std::string path(std::string_view name) const;

  private:
    const json::Value& row_;
    std::string pointer_;
    FaultBook& faults_;
    bool ok_ = true;
};

/// The answer as JSON, of at most 64 MiB and 64 levels. Errors: `invalid`.
[[nodiscard]] Result<json::Value> parse_answer(std::string_view body);
/// The items of the list at `pointer`, also where the service gave a single object instead of a list of one.
/// Errors: `invalid` when there is neither.
[[nodiscard]] Result<std::vector<const json::Value*>> items_at(const json::Value& answer,
                                                               std::string_view pointer);

/// "2026-07-08T09:39:45" by the clock of Europe/London. Errors: `invalid`, also for a time that the clock
/// leaves out.
[[nodiscard]] Result<UtcTime> parse_london(std::string_view text);

}  // namespace headroom::feeds
