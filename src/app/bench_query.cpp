#include "app/bench_query.hpp"

#include "app/bench_ingest.hpp"
#include "app/control_room.hpp"
#include "core/random.hpp"
#include "desk/series.hpp"
#include "net/url.hpp"
#include "store/influx.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

constexpr int query_runs = 7;
constexpr int stored_points = 20;
constexpr int stored_days = 365;
constexpr int long_days = 6'945;  // ten million minutes
constexpr std::size_t day_minutes = 1'440;
constexpr std::size_t many_points = 1'000'000;
constexpr std::size_t blocks_at_once = 50'000;
constexpr std::size_t influx_points = 100'000;

std::string point_name(int point) {
    return fmt::format("F{:04}/p_kw/sum", point);
}

grid::Network query_network() {
    std::string csv =
        "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
        "substation,P1,,Bench Primary,52.1,-1.2,20000,primary,,\n";
    for (int i = 0; i <= stored_points; ++i) {
        csv += fmt::format("feeder,F{0:04},P1,Feeder {0},52.1,-1.2,180,domestic,,\n", i);
    }
    Result<grid::Network> network = grid::read_grid_csv(csv, "bench");
    HEADROOM_ASSERT(network.has_value());
    return std::move(network).value();
}

/// A day of minutes with a daily shape, noise, and a peak of a minute.
store::SeriesBlock day_block(int point, UtcTime midnight) {
    const Random random(17);
    const auto day = static_cast<std::uint64_t>(midnight.time_since_epoch() / hours{24});
    store::SeriesBlock block;
    block.key = agents::minutes_key(point_name(point));
    block.start = midnight;
    block.step = minutes{1};
    block.values.resize(day_minutes);
    for (std::size_t i = 0; i < day_minutes; ++i) {
        const double shape = 90.0 + 40.0 * std::sin(static_cast<double>(i) / 229.0);
        const double noise = 10.0 * random.uniform(static_cast<std::uint64_t>(point), day * day_minutes + i);
        block.values[i] = static_cast<float>(shape + noise);
    }
    block.values[day % day_minutes] = 250.0F;
    return block;
}

Result<void> fill(store::Series& series, int point, UtcTime end, int length_days,
                  std::vector<double>& per_s) {
    constexpr int days_at_once = 73;
    for (int done = 0; done < length_days;) {
        std::vector<store::SeriesBlock> blocks;
        for (int i = 0; i < days_at_once && done < length_days; ++i, ++done) {
            blocks.push_back(day_block(point, end - std::chrono::days{length_days - done}));
        }
        const SteadyTime begun = steady_now();
        if (Result<void> written = series.write(blocks); !written) {
            return written;
        }
        per_s.push_back(static_cast<double>(blocks.size() * day_minutes) /
                        milliseconds_between(begun, steady_now()) * 1'000.0);
    }
    return {};
}

Result<void> settle(store::Series& series, UtcTime now) {
    const store::SeriesRetention all{.raw = std::chrono::days{36'500},
                                     .minute = std::chrono::days{36'500},
                                     .half_hour = std::chrono::days{36'500},
                                     .day = std::chrono::days{36'500},
                                     .measurements = std::chrono::days{36'500}};
    Result<bool> more = true;
    while (more && *more) {
        more = series.upkeep(now, all);
    }
    return more ? series.flush() : Result<void>(more.error());
}

/// Out of the system's cache, so that the next read comes from the disk.
void forget_cached(const std::filesystem::path& file) {
    const int handle = ::open(file.c_str(), O_RDONLY);
    if (handle >= 0) {
        static_cast<void>(::fsync(handle));
        static_cast<void>(::posix_fadvise(handle, 0, 0, POSIX_FADV_DONTNEED));
        ::close(handle);
    }
}

/// Requests go out from a thread of their own while this one runs the server.
class Door {
  public:
    explicit Door(ControlRoom& room) : room_(room), client_(loopback()) {}

    Result<double> get_ms(const std::string& path) {
        std::atomic<bool> is_done{false};
        double took_ms = 0.0;
        Result<net::ClientResponse> answer = Error{Errc::unavailable, "not asked"};
        std::thread asking([&] {
            net::ClientRequest request;
            request.url = fmt::format("http://127.0.0.1:{}{}", room_.port(), path);
            request.max_response_bytes = 256UL << 20;
            const SteadyTime begun = steady_now();
            answer = client_.send_wait(std::move(request));
            took_ms = milliseconds_between(begun, steady_now());
            is_done = true;
        });
        while (!is_done) {
            room_.context().run_for(std::chrono::milliseconds{20});
        }
        asking.join();
        if (!answer) {
            return answer.error();
        }
        if (answer->status != 200 || answer->body.find("250") == std::string::npos) {
            return Error{Errc::unavailable,
                         fmt::format("a chart was answered with {}, or without its peaks", answer->status)};
        }
        return took_ms;
    }

  private:
    static net::ClientSettings loopback() {
        net::ClientSettings settings;
        settings.allow_private = {"127.0.0.1:*"};
        return settings;
    }
    ControlRoom& room_;
    net::HttpClient client_;
};

std::string chart_path(int first, int count, UtcTime from, UtcTime to, int values) {
    std::string path =
        fmt::format("/api/v1/series?agg=minmax&points={}&from={}&to={}", values,
                    net::percent_encode(format_utc(from)), net::percent_encode(format_utc(to)));
    for (int point = first; point < first + count; ++point) {
        path += "&point=" + net::percent_encode(point_name(point));
    }
    return path;
}

Result<void> measure_charts(ControlRoom& room, const std::filesystem::path& file, UtcTime end,
                            json::Array& results) {
    Door door(room);
    const std::string year = chart_path(0, stored_points, end - std::chrono::days{stored_days}, end, 1'000);
    const std::string years = chart_path(stored_points, 1, end - std::chrono::days{long_days}, end, 1'000);
    const std::string day = chart_path(0, stored_points, end - std::chrono::days{1}, end, 1'440);
    struct Kind {
        const char* name;
        const std::string& path;
        bool is_cold;
    };
    for (const Kind& kind :
         {Kind{"query.chart_10m_points_ms", year, false}, Kind{"query.chart_10m_points_cold_ms", year, true},
          Kind{"query.chart_10m_points_one_series_ms", years, false},
          Kind{"query.chart_day_raw_ms", day, false}}) {
        std::vector<double> times;
        if (!kind.is_cold) {
            if (const Result<double> unmeasured = door.get_ms(kind.path); !unmeasured) {
                return unmeasured.error();
            }
        }
        for (int run = 0; run < query_runs; ++run) {
            if (kind.is_cold) {
                forget_cached(file);
            }
            const Result<double> took = door.get_ms(kind.path);
            if (!took) {
                return took.error();
            }
            times.push_back(*took);
        }
        results.emplace_back(bench_result(kind.name, "ms", std::move(times)));
    }
    return {};
}

/// Half-hours of a million points, as the monitor hands them on.
Result<void> measure_half_hours(const std::filesystem::path& file, UtcTime end, json::Array& results) {
    Result<std::unique_ptr<store::Series>> series = store::open_sqlite_series(file);
    if (!series) {
        return series.error();
    }
    std::vector<double> times;
    std::vector<double> per_s;
    for (int run = -1; run < query_runs; ++run) {  // the first makes the keys
        double took_ms = 0.0;
        for (std::size_t begin = 0; begin < many_points; begin += blocks_at_once) {
            std::vector<store::SeriesBlock> blocks;
            for (std::size_t i = begin; i < begin + blocks_at_once; ++i) {
                blocks.push_back({fmt::format("F{:07}/p_kw/L1", i),
                                  end + run * period_length,
                                  period_length,
                                  {static_cast<float>(i % 180)}});
            }
            const SteadyTime begun = steady_now();
            if (Result<void> written = (*series)->write(blocks); !written) {
                return written;
            }
            took_ms += milliseconds_between(begun, steady_now());
        }
        if (run >= 0) {
            times.push_back(took_ms);
            per_s.push_back(static_cast<double>(many_points) / took_ms * 1'000.0);
        }
    }
    results.emplace_back(bench_result("series.half_hour_1m_points_ms", "ms", std::move(times)));
    results.emplace_back(bench_result("series.write_points_per_s", "1/s", std::move(per_s)));
    return {};
}

Result<void> measure_influx(const std::string& url, UtcTime end, json::Array& results) {
    store::InfluxOptions options;
    options.url = url;
    options.database = "headroom_bench";
    Result<std::unique_ptr<store::SeriesSink>> sink = store::make_influx_sink(options);
    if (!sink) {
        return sink.error();
    }
    std::vector<double> per_s;
    for (int run = -1; run < query_runs; ++run) {
        std::vector<store::SeriesBlock> blocks;
        for (std::size_t i = 0; i < influx_points; ++i) {
            blocks.push_back({fmt::format("F{:07}/p_kw/L1", i),
                              end + run * period_length,
                              period_length,
                              {static_cast<float>(i % 180)}});
        }
        const SteadyTime begun = steady_now();
        (*sink)->give(blocks);
        if (!(*sink)->drain(seconds{60})) {
            return Error{Errc::timeout, "InfluxDB at " + url + " did not take the values within a minute: " +
                                            (*sink)->counts().fault};
        }
        if (run >= 0) {
            per_s.push_back(static_cast<double>(influx_points) / milliseconds_between(begun, steady_now()) *
                            1'000.0);
        }
    }
    const store::SinkCounts counts = (*sink)->counts();
    if (counts.written != counts.given) {
        return Error{Errc::unavailable, "InfluxDB at " + url + " refused values: " + counts.fault};
    }
    results.emplace_back(bench_result("influx.write_points_per_s", "1/s", std::move(per_s)));
    return {};
}

Result<json::Object> measure_all(const BenchQueryOptions& options, const std::filesystem::path& folder) {
    asio::io_context& context = *new asio::io_context(1);  // outlives everything, see run_demo.cpp
    ControlRoomOptions room_options;
    room_options.data_dir = folder / "data";
    room_options.network = query_network();
    Result<std::unique_ptr<ControlRoom>> opened = ControlRoom::open(context, std::move(room_options));
    if (!opened) {
        return opened.error();
    }
    ControlRoom& room = *opened->release();
    const UtcTime end{std::chrono::floor<std::chrono::days>(room.clock().now())};
    store::Series& series = room.series().direct();
    std::vector<double> import_per_s;
    Result<void> done;
    for (int point = 0; point < stored_points && done; ++point) {
        done = fill(series, point, end, stored_days, import_per_s);
    }
    done = done ? fill(series, stored_points, end, long_days, import_per_s) : done;
    done = done ? settle(series, end + hours{12}) : done;
    json::Array results;
    done = done ? measure_charts(room, folder / "data" / "series.db", end, results) : done;
    done = done ? measure_half_hours(folder / "many.db", end, results) : done;
    if (done) {
        results.emplace_back(bench_result("series.import_points_per_s", "1/s", std::move(import_per_s)));
        done = options.influx_url.empty() ? done : measure_influx(options.influx_url, end, results);
    }
    return done ? Result<json::Object>(json::Object{{"results", std::move(results)}})
                : Result<json::Object>(done.error());
}

}  // namespace

Result<json::Object> bench_query(const BenchQueryOptions& options) {
    std::string folder = (options.dir / "headroom-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
        return Error{Errc::unavailable, "no scratch folder can be made in " + options.dir.string()};
    }
    Result<json::Object> measured = measure_all(options, folder);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return measured;
}

}  // namespace headroom::app
