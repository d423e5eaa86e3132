#include "agents/series_store.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <future>
#include <iterator>

namespace headroom::agents {
namespace {

/// Blocks of one transaction: the store's thread is free again within some tenths of a second.
constexpr std::size_t blocks_at_once = 50'000;
/// Of domain time between looks for work behind when there was none.
constexpr auto upkeep_every = minutes{10};

std::size_t values_of(const std::vector<store::SeriesBlock>& blocks) {
    std::size_t values = 0;
    for (const store::SeriesBlock& block : blocks) {
        values += block.values.size();
    }
    return values;
}

}  // namespace

std::string minutes_key(std::string_view point) {
    return std::string(point) + "/minute";
}

SeriesStore::SeriesStore(std::unique_ptr<store::Series> series, std::unique_ptr<store::Series> charts,
                         SeriesStoreOptions options)
    : options_(std::move(options)),
      series_(std::move(series)),
      charts_(std::move(charts)),
      writer_("series"),
      reader_("charts") {}

SeriesStore::~SeriesStore() = default;

void SeriesStore::post(std::vector<store::SeriesBlock> blocks) {
    if (blocks.empty()) {
        return;
    }
    for (const auto& mirror : mirrors_) {
        mirror->give(blocks);
    }
    for (std::size_t begin = 0; begin < blocks.size(); begin += blocks_at_once) {
        const auto first = blocks.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto last =
            blocks.begin() + static_cast<std::ptrdiff_t>(std::min(blocks.size(), begin + blocks_at_once));
        std::vector<store::SeriesBlock> part(std::make_move_iterator(first), std::make_move_iterator(last));
        const std::size_t size = values_of(part);
        put({std::move(part), size});
    }
}

void SeriesStore::post(std::vector<store::Measurement> measurements) {
    if (measurements.empty()) {
        return;
    }
    for (const auto& mirror : mirrors_) {
        mirror->give(measurements);
    }
    const std::size_t size = measurements.size();
    put({std::move(measurements), size});
}

/// The newest stay: what is too much goes from the other end.
void SeriesStore::put(Entry entry) {
    const std::lock_guard lock(mutex_);
    counts_.given += entry.size;
    counts_.queued += entry.size;
    queue_.push_back(std::move(entry));
    while (counts_.queued > options_.queued_max && !queue_.empty()) {
        counts_.queued -= queue_.front().size;
        counts_.dropped += queue_.front().size;
        queue_.pop_front();
    }
    const bool may_try = !counts_.is_away || options_.steady() >= retry_at_;
    if (may_try && !std::exchange(is_writing_asked_, true)) {
        writer_.post([this] { write_queued(); });
    }
}

/// Until nothing waits or the store refuses.
void SeriesStore::write_queued() {
    while (true) {
        Entry entry;
        {
            const std::lock_guard lock(mutex_);
            if (queue_.empty()) {
                is_writing_asked_ = false;
                return;
            }
            entry = std::move(queue_.front());
            queue_.pop_front();
        }
        const Result<void> written = write(entry);
        if (written) {
            settle(entry.size, 0);
        } else if (written.error().code == Errc::unavailable || written.error().code == Errc::timeout) {
            refused(std::move(entry), written.error());
            return;
        } else {
            write_one_by_one(entry);
        }
    }
}

Result<void> SeriesStore::write(const Entry& entry) {
    if (const auto* blocks = std::get_if<std::vector<store::SeriesBlock>>(&entry.content)) {
        return series_->write(*blocks);
    }
    return series_->record(std::get<std::vector<store::Measurement>>(entry.content));
}

/// One that cannot be kept must not take its neighbours with it.
void SeriesStore::write_one_by_one(const Entry& entry) {
    std::size_t written = 0;
    std::string fault;
    const auto count = [&](const Result<void>& done, std::size_t size) {
        written += done ? size : 0;
        fault = done ? fault : done.error().message;
    };
    if (const auto* blocks = std::get_if<std::vector<store::SeriesBlock>>(&entry.content)) {
        for (const store::SeriesBlock& block : *blocks) {
            count(series_->write({block}), block.values.size());
        }
    } else {
        for (const store::Measurement& one : std::get<std::vector<store::Measurement>>(entry.content)) {
            count(series_->record({one}), 1);
        }
    }
    settle(written, entry.size - written);
    log::error("values could not be stored",
               {{"values", static_cast<std::int64_t>(entry.size - written)}, {"error", fault}});
}

void SeriesStore::settle(std::size_t written, std::size_t dropped) {
    bool is_back = false;
    {
        const std::lock_guard lock(mutex_);
        counts_.queued -= written + dropped;
        counts_.written += written;
        counts_.dropped += dropped;
        is_back = std::exchange(counts_.is_away, false);
        retry_after_ = milliseconds{0};
        counts_.fault = is_back ? std::string() : counts_.fault;
    }
    if (is_back) {
        log::info("the series store takes values again", {});
        if (trouble_) {
            trouble_({});
        }
    }
}

/// It waits at its old place, unless the queue has been filled up meanwhile.
void SeriesStore::refused(Entry entry, const Error& fault) {
    bool is_new = false;
    {
        const std::lock_guard lock(mutex_);
        queue_.push_front(std::move(entry));
        is_new = !std::exchange(counts_.is_away, true);
        counts_.refusals += 1;
        counts_.fault = fault.message;
        retry_after_ = retry_after_ == milliseconds{0} ? options_.retry_first
                                                       : std::min(retry_after_ * 2, options_.retry_max);
        retry_at_ = options_.steady() + retry_after_;
        is_writing_asked_ = false;
    }
    if (is_new) {
        log::error("the series store takes no values; they wait", {{"error", fault.message}});
        if (trouble_) {
            trouble_(fault.message);
        }
    }
}

void SeriesStore::tick(UtcTime now) {
    for (const Collector& collector : collectors_) {
        post(collector(now));
    }
    {
        const std::lock_guard lock(mutex_);
        if (!queue_.empty() && options_.steady() >= retry_at_ && !std::exchange(is_writing_asked_, true)) {
            writer_.post([this] { write_queued(); });
        }
    }
    const bool is_due = now >= last_upkeep_ + upkeep_every || now < last_upkeep_;
    if ((is_due || has_more_upkeep_) && !is_upkeep_asked_.exchange(true)) {
        last_upkeep_ = now;
        writer_.post([this, now] { keep_up(now); });
    }
}

void SeriesStore::keep_up(UtcTime now) {
    const Result<bool> more = series_->upkeep(now, options_.retention);
    if (!more) {
        log::error("the series store could not be tidied", {{"error", more.error().message}});
    }
    has_more_upkeep_ = more && *more;
    is_upkeep_asked_ = false;
}

Awaitable<std::vector<store::SeriesBlock>> SeriesStore::read(std::vector<std::string> keys, UtcTime from,
                                                             UtcTime to) {
    auto job = [this, keys = std::move(keys), from, to] {
        std::vector<store::SeriesBlock> blocks;
        blocks.reserve(keys.size());
        for (const std::string& key : keys) {
            Result<store::SeriesBlock> block = series_->read(key, from, to);
            blocks.push_back(block ? std::move(*block) : store::SeriesBlock{key, from, period_length, {}});
        }
        return blocks;
    };
    co_return co_await writer_.run(std::move(job));
}

Awaitable<Result<std::vector<store::SeriesSummary>>> SeriesStore::summarise(std::vector<std::string> keys,
                                                                            UtcTime from, UtcTime to,
                                                                            milliseconds step) {
    store::Series& series = charts_ ? *charts_ : *series_;
    auto job = [&series, keys = std::move(keys), from, to,
                step]() -> Result<std::vector<store::SeriesSummary>> {
        std::vector<store::SeriesSummary> out;
        out.reserve(keys.size());
        for (const std::string& key : keys) {
            Result<store::SeriesSummary> one = series.summarise(key, from, to, step);
            if (!one && one.error().code != Errc::not_found) {
                return one.error();
            }
            out.push_back(one ? std::move(*one) : store::SeriesSummary{.key = key, .step = step});
        }
        return out;
    };
    co_return co_await (charts_ ? reader_ : writer_).run(std::move(job));
}

Result<void> SeriesStore::flush_now() {
    {
        // A store that may be back is asked at once.
        const std::lock_guard lock(mutex_);
        retry_at_ = SteadyTime{};
        is_writing_asked_ = true;
    }
    write_queued();
    {
        const std::lock_guard lock(mutex_);
        if (counts_.is_away) {
            return Error{Errc::unavailable, "series are not stored: " + counts_.fault};
        }
    }
    return series_->flush();
}

Awaitable<Result<void>> SeriesStore::flush() {
    auto job = [this] { return flush_now(); };
    co_return co_await writer_.run(std::move(job));
}

Result<void> SeriesStore::flush_wait() {
    std::promise<Result<void>> promise;
    std::future<Result<void>> done = promise.get_future();
    writer_.post([this, &promise] { promise.set_value(flush_now()); });
    return done.get();
}

SeriesCounts SeriesStore::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

}  // namespace headroom::agents
