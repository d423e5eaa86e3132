#include "app/series_parts.hpp"

#include "agents/series_recorder.hpp"
#include "core/log.hpp"
#include "desk/series.hpp"

#include <utility>

namespace headroom::app {
namespace {

std::chrono::days days_of(std::int64_t count) {
    return std::chrono::days{static_cast<int>(count)};
}

void take_over_total(Metrics& metrics, std::string_view name, std::string_view help, Metrics::Labels labels,
                     std::uint64_t total) {
    Metrics::Counter& counter = metrics.counter(name, help, std::move(labels));
    counter.add(total - counter.value());
}

store::InfluxOptions influx_options(const InfluxSettings& settings) {
    store::InfluxOptions options;
    options.url = settings.url;
    options.database = settings.database;
    options.user = settings.user;
    options.password = settings.password;
    options.org = settings.org;
    options.bucket = settings.bucket;
    options.token = settings.token;
    options.queue.batch_lines = static_cast<std::size_t>(settings.batch_lines);
    options.queue.lines_max = static_cast<std::size_t>(settings.queued_lines_max);
    return options;
}

std::vector<store::SeriesBlock> blocks_of(const std::vector<desk::RecentMinutes::Closed>& minutes,
                                          const telemetry::PointRegistry& registry) {
    std::vector<store::SeriesBlock> blocks;
    blocks.reserve(minutes.size());
    for (const desk::RecentMinutes::Closed& minute : minutes) {
        store::SeriesBlock& block = blocks.emplace_back();
        block.key = agents::minutes_key(registry.key(minute.point).text());
        block.start = minute.start;
        block.step = std::chrono::minutes{1};
        block.values = {minute.mean};
        if (minute.min < minute.max) {
            block.min = {minute.min};
            block.max = {minute.max};
        }
    }
    return blocks;
}

/// On the io thread, where the journal is.
void raise_alarm(agents::Journal& journal, const std::string& fault) {
    journal.note({.type = "alarm.raised",
                  .actor = agents::system_actor(),
                  .body = json::Object{{"kind", "series_store"},
                                       {"detail", "histories are not stored, they wait: " + fault}},
                  .outcome = "error"});
}

}  // namespace

SeriesOptions series_options(const Settings& settings) {
    SeriesOptions options;
    options.store.queued_max = static_cast<std::size_t>(settings.series.queued_max);
    options.store.retention.minute = days_of(settings.series.minute_days);
    options.store.retention.half_hour = days_of(settings.series.half_hour_days);
    options.store.retention.day = days_of(settings.series.day_days);
    options.store.retention.measurements = days_of(settings.series.measurement_days);
    options.minute_points = static_cast<std::size_t>(settings.series.minute_points);
    if (!settings.influx.url.empty()) {
        options.influx = influx_options(settings.influx);
    }
    return options;
}

Result<std::unique_ptr<agents::SeriesStore>> open_series(const std::filesystem::path& file,
                                                         const SeriesOptions& options) {
    Result<std::unique_ptr<store::Series>> series = store::open_sqlite_series(file);
    if (!series) {
        return series.error();
    }
    Result<std::unique_ptr<store::Series>> charts = store::open_sqlite_series(file);
    if (!charts) {
        return charts.error();
    }
    auto store = std::make_unique<agents::SeriesStore>(std::move(*series), std::move(*charts), options.store);
    if (options.influx) {
        Result<std::unique_ptr<store::SeriesSink>> influx = store::make_influx_sink(*options.influx);
        if (!influx) {
            return influx.error();
        }
        store->add_mirror(std::move(*influx));
    }
    return store;
}

void feed_series(agents::SeriesStore& store, const SeriesOptions& options, const SeriesFeeds& feeds) {
    feeds.minutes.hand_out(options.minute_points);
    store.add_collector([&minutes = feeds.minutes, &registry = feeds.registry](UtcTime) {
        return blocks_of(minutes.take_closed(), registry);
    });
    const auto predictions = std::make_shared<agents::PredictionRecorder>(feeds.monitor, feeds.registry);
    store.add_collector([predictions](UtcTime now) { return predictions->collect(now); });
    // Written at the next tick, not while an event is being acted upon.
    const auto happened = std::make_shared<std::vector<store::Measurement>>();
    feeds.journal.on_entry([happened, &clock = feeds.clock](const audit::Entry& entry) {
        if (std::optional<store::Measurement> one = agents::measurement_of(entry, clock.now())) {
            happened->push_back(std::move(*one));
        }
    });
    store.add_collector([happened, &store](UtcTime) -> std::vector<store::SeriesBlock> {
        store.post(std::exchange(*happened, {}));
        return {};
    });
    store.on_trouble([executor = feeds.executor, &journal = feeds.journal](const std::string& fault) {
        if (!fault.empty()) {
            asio::post(executor, [&journal, fault] { raise_alarm(journal, fault); });
        }
    });
}

void add_series_metrics(Metrics& metrics, const agents::SeriesStore& store,
                        const desk::RecentMinutes& minutes) {
    take_over_total(metrics, "headroom_series_minutes_lost_total",
                    "Minutes that were over faster than they were taken to the series store.", {},
                    minutes.lost());
    constexpr std::string_view name = "headroom_series_values_total";
    constexpr std::string_view help = "Values given to the series store by what became of them.";
    const agents::SeriesCounts counts = store.counts();
    take_over_total(metrics, name, help, {{"store", "sqlite"}, {"result", "written"}}, counts.written);
    take_over_total(metrics, name, help, {{"store", "sqlite"}, {"result", "dropped"}}, counts.dropped);
    take_over_total(metrics, "headroom_series_refusals_total", "Writes that the series store refused.",
                    {{"store", "sqlite"}}, counts.refusals);
    const auto gauge = [&](std::string_view which, std::string_view says, const std::string& label,
                           double value) {
        metrics.gauge(which, says, {{"store", label}}).set(value);
    };
    gauge("headroom_series_queued_values", "Values that wait for the series store.", "sqlite",
          static_cast<double>(counts.queued));
    gauge("headroom_series_up", "1 while the series store takes values.", "sqlite",
          counts.is_away ? 0.0 : 1.0);
    for (const auto& mirror : store.mirrors()) {
        const store::SinkCounts sink = mirror->counts();
        take_over_total(metrics, name, help, {{"store", mirror->name()}, {"result", "written"}},
                        sink.written);
        take_over_total(metrics, name, help, {{"store", mirror->name()}, {"result", "dropped"}},
                        sink.dropped);
        take_over_total(metrics, name, help, {{"store", mirror->name()}, {"result", "rejected"}},
                        sink.rejected);
        take_over_total(metrics, "headroom_series_refusals_total", "Writes that the series store refused.",
                        {{"store", mirror->name()}}, sink.retries);
        gauge("headroom_series_queued_values", "Values that wait for the series store.", mirror->name(),
              static_cast<double>(sink.queued));
        gauge("headroom_series_up", "1 while the series store takes values.", mirror->name(),
              sink.is_away ? 0.0 : 1.0);
    }
}

void finish_series(agents::SeriesStore& store) {
    constexpr milliseconds mirror_limit = seconds{5};
    const Result<void> flushed = store.flush_wait();
    if (!flushed) {
        log::error("series that waited were not stored",
                   {{"values", static_cast<std::int64_t>(store.counts().queued)},
                    {"error", flushed.error().message}});
    }
    for (const auto& mirror : store.mirrors()) {
        if (!mirror->drain(mirror_limit)) {
            log::error(
                "series that waited were not sent",
                {{"to", mirror->name()}, {"lines", static_cast<std::int64_t>(mirror->counts().queued)}});
        }
    }
}

}  // namespace headroom::app
