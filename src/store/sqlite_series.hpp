#pragma once

#include "store/series.hpp"
#include "store/series_check.hpp"
#include "store/series_keys.hpp"
#include "store/series_levels.hpp"
#include "store/sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::store {

/// One day of a series: its means, and smallest and largest where they are known. Columns one behind the
/// other, as the table `days` holds them.
class DayRow {
  public:
    explicit DayRow(std::int64_t step_ms);
    [[nodiscard]] std::size_t steps() const { return steps_; }
    [[nodiscard]] ValueColumns columns() const;
    [[nodiscard]] bool is_empty() const;
    /// Without `min` and `max` (NaN) the mean is both.
    void put(std::size_t at, float mean, float min, float max);
    void clear(std::size_t begin, std::size_t end);
    [[nodiscard]] std::string_view bytes() const;
    /// False when the size fits no number of columns.
    [[nodiscard]] bool assign(std::string_view bytes);

  private:
    void widen();
    std::size_t steps_;
    std::vector<float> data_;
};

/// One step of up to so many series whose numbers are neighbours: what arrives every minute or half-hour is
/// written as a few rows instead of one for each series.
class Tile {
  public:
    static constexpr std::int64_t series = 1'024;
    /// Stands in a slot that holds nothing. A value written as unknown is another NaN.
    static const float absent;
    [[nodiscard]] static bool is_absent(float value);

    struct Slot {
        float mean;
        float min;  ///< NaN when not known
        float max;
    };
    [[nodiscard]] std::size_t slots() const { return data_.size() / columns_; }
    [[nodiscard]] std::optional<Slot> get(std::size_t slot) const;
    void put(std::size_t slot, const Slot& value);
    void clear(std::size_t slot);
    [[nodiscard]] std::int64_t columns() const { return static_cast<std::int64_t>(columns_); }
    [[nodiscard]] std::string_view bytes() const;
    [[nodiscard]] bool assign(std::int64_t columns, std::string_view bytes);
    /// The slot in a tile's bytes, without copying the others.
    [[nodiscard]] static std::optional<Slot> peek(std::int64_t columns, std::string_view bytes,
                                                  std::size_t slot);

  private:
    void widen();
    std::size_t columns_ = 1;
    std::vector<float> data_;  // slot by slot
};

/// The file `series.db`, see docs/formats/series.md.
class SqliteSeries final : public Series {
  public:
    explicit SqliteSeries(std::unique_ptr<sqlite::Database> database) : database_(std::move(database)) {}

    Result<void> write(const std::vector<SeriesBlock>& blocks) override;
    Result<SeriesBlock> read(std::string_view key, UtcTime from, UtcTime to) override;
    Result<SeriesSummary> summarise(std::string_view key, UtcTime from, UtcTime to,
                                    milliseconds step) override;
    Result<std::vector<std::string>> keys() override;
    Result<void> drop_before(UtcTime instant) override;
    Result<void> record(const std::vector<Measurement>& measurements) override;
    Result<std::vector<Measurement>> recorded(std::string_view name, UtcTime from, UtcTime to,
                                              std::size_t limit) override;
    Result<bool> upkeep(UtcTime now, const SeriesRetention& retention) override;
    Result<void> flush() override;

  private:
    using Key = SeriesKeys::Key;
    struct Pulse {  // one value of a series, on its way into a tile
        std::int64_t id;
        Tile::Slot slot;
    };
    struct TilePlace {
        std::int64_t step_ms;
        std::int64_t block;
        std::int64_t start_ms;
        auto operator<=>(const TilePlace&) const = default;
    };
    class RollUps;

    // sqlite_series_write.cpp
    Result<void> write_all(const std::vector<SeriesBlock>& blocks);
    Result<void> load_keys();
    Result<Key> find_or_add(const SeriesBlock& block);
    Result<void> write_days(const SeriesBlock& block, const Key& key);
    Result<void> clear_tiles(const Key& key, std::int64_t from_ms, std::int64_t to_ms);
    Result<void> put_day(const Key& key, std::int64_t day, const DayRow& row);
    Result<void> mark_stale(const Key& key, std::int64_t day);
    Result<void> put_tile(const TilePlace& place, const Tile& tile);
    Result<Tile> tile_at(const TilePlace& place);
    Result<void> write_pulses(const TilePlace& place, std::span<const Pulse> pulses);

    // sqlite_series_read.cpp
    Result<Key> find(std::string_view name);
    using OnDay = std::function<Result<void>(std::int64_t day, const DayRow& row)>;
    using OnSlot = std::function<void(std::int64_t start_ms, const Tile::Slot& slot)>;
    Result<void> each_day(const Key& key, std::int64_t first_day, std::int64_t last_day, const OnDay& on_day);
    Result<void> each_slot(const Key& key, std::int64_t from_ms, std::int64_t to_ms, const OnSlot& on_slot);
    Result<std::set<std::int64_t>> days_not_rolled_up(const Key& key, std::int64_t first_day,
                                                      std::int64_t last_day);
    Result<void> add_values(const Key& key, std::int64_t first_day, std::int64_t last_day,
                            const std::set<std::int64_t>* only, SummaryBuilder& builder);
    Result<void> add_level(const Key& key, std::int64_t level_ms, std::int64_t first_day,
                           std::int64_t last_day, const std::set<std::int64_t>& left_out,
                           SummaryBuilder& builder);
    Result<SummaryBuilder> sum_up(const Key& key, const StepRange& range, std::int64_t level_ms);
    /// The day as its row stands, without tiles; all unknown when there is none.
    Result<DayRow> day_row(const Key& key, std::int64_t day);

    // sqlite_series_upkeep.cpp
    Result<bool> pack_day(std::int64_t before_ms);
    Result<void> pack(std::int64_t step_ms, std::int64_t block, std::int64_t day);
    Result<bool> roll_up_stale();
    Result<bool> drop_expired(UtcTime now, const SeriesRetention& retention);
    Result<std::int64_t> next_step(std::int64_t after_ms);
    Result<bool> drop_rows(const char* sql, std::int64_t of, std::int64_t before);

    // sqlite_series.cpp
    Result<void> cut_day(std::int64_t day, std::int64_t ms_of_day);
    Result<void> cut_levels(std::int64_t ms);
    Result<void> forget_empty_keys();
    Result<std::set<std::int64_t>> keys_in_tiles();
    [[nodiscard]] Error broken(const std::string& what) const;

    std::unique_ptr<sqlite::Database> database_;
    SeriesKeys keys_;  // of the writing side, empty until the first write
    std::int64_t keys_version_ = -1;
};

}  // namespace headroom::store
