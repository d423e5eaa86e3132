#pragma once

#include "core/async.hpp"
#include "store/series.hpp"
#include "store/series_sink.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace headroom::agents {

/// The series in which a point's minutes are stored, beside its half-hours under its own name.
[[nodiscard]] std::string minutes_key(std::string_view point);

struct SeriesStoreOptions {
    /// Values and measurements that may wait while the store takes none; beyond it the oldest are dropped and
    /// counted. Sixty-odd bytes each.
    std::size_t queued_max = 4'000'000;
    milliseconds retry_first{200};  ///< after a refusal; doubled each time
    milliseconds retry_max{30'000};
    store::SeriesRetention retention;
    std::function<SteadyTime()> steady = steady_now;  ///< between tries
};

/// What became of everything that was given; given = written + dropped + queued, always.
struct SeriesCounts {
    std::uint64_t given = 0;
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;   ///< no room any more, or not fit to be kept
    std::uint64_t queued = 0;    ///< waiting
    std::uint64_t refusals = 0;  ///< tries that the store refused
    bool is_away = false;        ///< the last try was refused
    std::string fault;           ///< why
};

/// The series store behind its own threads: one writes, in order, and does the work behind; one reads for
/// charts, which need not be a second fresh. Nobody who gives something waits, whatever the store does. Any
/// thread.
class SeriesStore {
  public:
    /// `charts` is another handle of the same store; without it charts wait for the writer.
    explicit SeriesStore(std::unique_ptr<store::Series> series,
                         std::unique_ptr<store::Series> charts = nullptr, SeriesStoreOptions options = {});
    ~SeriesStore();
    SeriesStore(const SeriesStore&) = delete;
    SeriesStore& operator=(const SeriesStore&) = delete;

    /// Written in order, nobody waits. What the store refuses waits with it and is tried again.
    void post(std::vector<store::SeriesBlock> blocks);
    void post(std::vector<store::Measurement> measurements);
    /// Time has passed: collectors are asked, what waits is tried again, the work behind goes on.
    void tick(UtcTime now);

    /// Several series, in the order asked, after everything posted before; a series without data comes back
    /// with no values.
    Awaitable<std::vector<store::SeriesBlock>> read(std::vector<std::string> keys, UtcTime from, UtcTime to);
    /// Several series for charts, in the order asked. A series that is not there comes back with no values.
    /// Errors: those of `store::Series::summarise`, except `not_found`.
    Awaitable<Result<std::vector<store::SeriesSummary>>> summarise(std::vector<std::string> keys,
                                                                   UtcTime from, UtcTime to,
                                                                   milliseconds step);

    /// Waits until everything posted before is power-durable in the store. Errors: `unavailable` when it is
    /// away or was not written: then nothing may rely on it.
    Awaitable<Result<void>> flush();
    /// The same, blocking: for threads of sources, never the io thread.
    Result<void> flush_wait();

    /// Everything that is posted goes there too, and is counted there. Before the first post.
    void add_mirror(std::unique_ptr<store::SeriesSink> mirror) { mirrors_.push_back(std::move(mirror)); }
    [[nodiscard]] const std::vector<std::unique_ptr<store::SeriesSink>>& mirrors() const { return mirrors_; }
    /// Asked at every tick for what has become ready to be stored. On the thread of `tick`.
    using Collector = std::function<std::vector<store::SeriesBlock>(UtcTime now)>;
    void add_collector(Collector collector) { collectors_.push_back(std::move(collector)); }
    /// Called on the writer's thread when the store goes away (with the reason) and when it is back (empty).
    void on_trouble(std::function<void(const std::string& fault)> handler) { trouble_ = std::move(handler); }

    [[nodiscard]] SeriesCounts counts() const;
    [[nodiscard]] bool idle() const { return writer_.pending() == 0 && reader_.pending() == 0; }
    /// For start-up, before coroutines run.
    [[nodiscard]] store::Series& direct() { return *series_; }

  private:
    struct Entry {
        std::variant<std::vector<store::SeriesBlock>, std::vector<store::Measurement>> content;
        std::size_t size = 0;  // values or measurements
    };
    void put(Entry entry);
    void write_queued();
    Result<void> write(const Entry& entry);
    void write_one_by_one(const Entry& entry);
    void settle(std::size_t written, std::size_t dropped);
    void refused(Entry entry, const Error& fault);
    Result<void> flush_now();
    void keep_up(UtcTime now);

    SeriesStoreOptions options_;
    std::unique_ptr<store::Series> series_;
    std::unique_ptr<store::Series> charts_;
    std::vector<std::unique_ptr<store::SeriesSink>> mirrors_;
    std::vector<Collector> collectors_;
    std::function<void(const std::string&)> trouble_;
    std::atomic<bool> is_upkeep_asked_{false};
    std::atomic<bool> has_more_upkeep_{false};
    UtcTime last_upkeep_{};  // of the ticking thread

    mutable std::mutex mutex_;
    std::deque<Entry> queue_;
    SeriesCounts counts_;
    bool is_writing_asked_ = false;
    SteadyTime retry_at_{};
    milliseconds retry_after_{0};

    Worker writer_;
    Worker reader_;
};

}  // namespace headroom::agents
