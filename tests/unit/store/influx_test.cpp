#include "store/influx.hpp"
#include "core/random.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "store/influx_line.hpp"
#include "store/influx_queue.hpp"
#include "store/influx_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::store::influx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const UtcTime noon = UtcTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}} + hours{12};
const SteadyTime begin_of_time{};

// ---- lines ----

std::string lines_of(const SeriesBlock& block) {
    std::string out;
    const Result<SeriesPlace> place = place_of(block.key, block.step, "control-room");
    EXPECT_TRUE(place.has_value());
    append_lines(out, *place, block);
    return out;
}

TEST(InfluxLine, APointsHalfHoursMinutesAndPredictions) {
    EXPECT_EQ(lines_of({"F-1/p_kw/L1", noon, period_length, {1.5F, -2.0F}}),
              "load,feeder=F-1,phase=L1,quantity=p_kw,source=control-room,step_s=1800 value=1.5 "
              "1795176000000\n"
              "load,feeder=F-1,phase=L1,quantity=p_kw,source=control-room,step_s=1800 value=-2 "
              "1795177800000\n");
    EXPECT_EQ(lines_of({"F-1/p_kw/L1/minute", noon, minutes{1}, {2.0F}, {1.0F}, {3.5F}}),
              "load,feeder=F-1,phase=L1,quantity=p_kw,source=control-room,step_s=60,window=minute "
              "value=2,min=1,max=3.5 1795176000000\n");
    EXPECT_EQ(lines_of({"F-1/p_kw/L1/p90", noon, period_length, {2.0F}}),
              "predictions,feeder=F-1,phase=L1,quantile=p90,quantity=p_kw,source=control-room,step_s=1800 "
              "value=2 1795176000000\n");
    EXPECT_EQ(lines_of({"a key, b=c", noon, period_length, {2.0F}}),
              "load,key=a\\ key\\,\\ b\\=c,source=control-room,step_s=1800 value=2 1795176000000\n");
}

TEST(InfluxLine, AnUnknownValueIsNoLine) {
    const float unknown = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(lines_of({"k", noon, period_length, {unknown, unknown}}), "");
}

TEST(InfluxLine, AMeasurementWithEveryKindOfField) {
    std::string out;
    append_line(out,
                {.name = "overloads",
                 .tags = {{"feeder", "F 1"}},
                 .fields = {{"a", 0.1}, {"b", std::int64_t{-3}}, {"c", true}, {"d", std::string("x\"\\")}},
                 .at = noon},
                "me");
    EXPECT_EQ(out, "overloads,feeder=F\\ 1,source=me a=0.1,b=-3i,c=true,d=\"x\\\"\\\\\" 1795176000000\n");
}

TEST(InfluxLine, AKeyThatNoTagHoldsIsRefused) {
    EXPECT_EQ(place_of("ends in \\", period_length, "me").error().code, Errc::invalid);
    EXPECT_EQ(place_of("a\nb", period_length, "me").error().code, Errc::invalid);
}

/// Whatever text stands in a tag comes back out of the series key that a server lists.
TEST(InfluxLine, EscapedTagsComeBackWhateverTheirText) {
    const Random random(5);
    const std::string alphabet = "ab,= \\\"'\xC3\xA4-/.";
    std::size_t tried = 0;
    for (std::uint64_t round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::uint64_t i = 0; i < 1 + random.below(8, round, 0); ++i) {
            text += alphabet[random.below(alphabet.size(), round, i, 1)];
        }
        if (!is_tag_value(text)) {
            continue;
        }
        ++tried;
        std::string series = "load,key=";
        append_tag_value(series, text);
        series += ",source=me";
        ASSERT_THAT(tags_of_series(series), ElementsAre(Pair("key", text), Pair("source", "me"))) << series;
    }
    EXPECT_GT(tried, 10'000U);
}

// ---- queue ----

std::string some_lines(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += "load value=" + std::to_string(i) + " 1\n";
    }
    return out;
}

void expect_reconciled(const Queue& queue) {
    const SinkCounts& counts = queue.counts();
    EXPECT_EQ(counts.given, counts.written + counts.rejected + counts.dropped + counts.queued);
}

Answer written() {
    return {.kind = Answer::Kind::written};
}

TEST(InfluxQueue, FillsBatchesAndWaitsForTheLastOne) {
    Queue queue({.batch_lines = 3, .linger = milliseconds{1'000}});
    queue.give(some_lines(7), 7, begin_of_time);
    EXPECT_EQ(queue.take(begin_of_time)->lines, 3U);
    queue.answered(written(), begin_of_time);
    EXPECT_EQ(queue.take(begin_of_time)->lines, 3U);
    queue.answered(written(), begin_of_time);
    EXPECT_FALSE(queue.take(begin_of_time).has_value());
    EXPECT_EQ(queue.next_time(), begin_of_time + milliseconds{1'000});
    EXPECT_EQ(queue.take(begin_of_time + milliseconds{1'000})->lines, 1U);
    queue.answered(written(), begin_of_time);
    EXPECT_EQ(queue.counts().written, 7U);
    expect_reconciled(queue);
}

TEST(InfluxQueue, TriesAgainLaterAndLaterAndWhenTheServerSays) {
    Queue queue({.batch_lines = 1, .retry_first = milliseconds{200}, .retry_max = milliseconds{500}});
    queue.give(some_lines(1), 1, begin_of_time);
    SteadyTime now = begin_of_time;
    for (const std::int64_t delay : {200, 400, 500, 500}) {
        ASSERT_TRUE(queue.take(now).has_value());
        queue.answered({.kind = Answer::Kind::later}, now);
        EXPECT_FALSE(queue.take(now + milliseconds{delay - 1}).has_value());
        now += milliseconds{delay};
    }
    ASSERT_TRUE(queue.take(now).has_value());
    queue.answered({.kind = Answer::Kind::later, .retry_after = seconds{7}}, now);
    EXPECT_FALSE(queue.take(now + milliseconds{6'999}).has_value());
    ASSERT_TRUE(queue.take(now + seconds{7}).has_value());
    EXPECT_TRUE(queue.counts().is_away);
    queue.answered(written(), now);
    EXPECT_FALSE(queue.counts().is_away);
    EXPECT_EQ(queue.counts().written, 1U);
}

/// Five minutes at 3,000 lines a second, with room for one hundred seconds of them.
TEST(InfluxQueue, AwayForFiveMinutesUnderLoadEveryLineIsCounted) {
    Queue queue({.batch_lines = 5'000, .lines_max = 300'000});
    const std::string second = some_lines(3'000);
    SteadyTime now = begin_of_time;
    std::size_t arrived = 0;
    for (int i = 0; i < 900; ++i, now += seconds{1}) {
        queue.give(second, 3'000, now);
        const bool is_away = i >= 60 && i < 360;
        for (int tries = 0; tries < 20; ++tries) {
            const std::optional<Batch> batch = queue.take(now);
            if (!batch) {
                break;
            }
            arrived += is_away ? 0 : batch->lines;
            queue.answered(is_away ? Answer{.kind = Answer::Kind::later, .fault = "away"} : written(), now);
            expect_reconciled(queue);
        }
        ASSERT_LE(queue.counts().queued, 300'000U);
    }
    while (const std::optional<Batch> batch = queue.take(now, true)) {
        arrived += batch->lines;
        queue.answered(written(), now);
    }
    const SinkCounts& counts = queue.counts();
    EXPECT_EQ(counts.given, 900U * 3'000U);
    EXPECT_EQ(counts.queued, 0U);
    EXPECT_EQ(counts.given, counts.written + counts.dropped);
    // 300 s came, 100 s of them were kept, give or take a batch; up to 30 s more until it was tried again.
    EXPECT_GE(counts.dropped, 595'000U);
    EXPECT_LE(counts.dropped, 695'000U);
    EXPECT_EQ(arrived, counts.written);
}

TEST(InfluxQueue, OneBadLineCostsNoOther) {
    Queue queue({.batch_lines = 1'000});
    std::string text = some_lines(699) + "bad\n" + some_lines(300);
    queue.give(text, 1'000, begin_of_time);
    int requests = 0;
    while (const std::optional<Batch> batch = queue.take(begin_of_time, true)) {
        ++requests;
        const bool is_bad = batch->text.find("bad") != std::string::npos;
        queue.answered(is_bad ? Answer{.kind = Answer::Kind::one_is_bad} : written(), begin_of_time);
        expect_reconciled(queue);
    }
    EXPECT_EQ(queue.counts().written, 999U);
    EXPECT_EQ(queue.counts().rejected, 1U);
    EXPECT_LT(requests, 25);
}

TEST(InfluxQueue, ALineThatTheServerNamesIsLeftOut) {
    Queue queue({.batch_lines = 10});
    queue.give("a v=1 1\nbad\nc v=1 1\n", 3, begin_of_time);
    ASSERT_TRUE(queue.take(begin_of_time, true).has_value());
    queue.answered({.kind = Answer::Kind::one_is_bad, .bad_line = 2}, begin_of_time);
    EXPECT_EQ(queue.take(begin_of_time, true)->text, "a v=1 1\nc v=1 1\n");
    queue.answered(written(), begin_of_time);
    EXPECT_EQ(queue.counts().written, 2U);
    EXPECT_EQ(queue.counts().rejected, 1U);
    expect_reconciled(queue);
}

TEST(InfluxQueue, WhatIsOnItsWayIsNotDropped) {
    Queue queue({.batch_lines = 10, .lines_max = 25});
    queue.give(some_lines(20), 20, begin_of_time);
    const std::optional<Batch> first = queue.take(begin_of_time);
    ASSERT_TRUE(first.has_value());
    queue.give(some_lines(20), 20, begin_of_time);
    queue.answered(written(), begin_of_time);
    EXPECT_EQ(queue.counts().written, 10U);
    EXPECT_EQ(queue.counts().dropped, 20U);
    EXPECT_EQ(queue.counts().queued, 10U);
    expect_reconciled(queue);
}

// ---- answers ----

Answer answer(int status, const std::string& body, net::Headers headers = {}) {
    net::ClientResponse response;
    response.status = status;
    response.body = body;
    response.headers = std::move(headers);
    return answer_of(response);
}

TEST(InfluxAnswer, SaysWhatBecameOfTheLines) {
    EXPECT_EQ(answer(204, "").kind, Answer::Kind::written);
    const Answer partial =
        answer(400, R"({"error":"partial write: field type conflict: input field \"value\" dropped=3"})");
    EXPECT_EQ(partial.kind, Answer::Kind::written);
    EXPECT_EQ(partial.rejected, 3U);
    EXPECT_THAT(partial.fault, HasSubstr("field type conflict"));
    EXPECT_EQ(
        answer(400, R"({"error":"partial write: unable to parse 'a': x\nunable to parse 'b': x dropped=0"})")
            .rejected,
        2U);
    const Answer named = answer(400, R"({"code":"invalid","message":"unable to parse 'x'","line":2})");
    EXPECT_EQ(named.kind, Answer::Kind::one_is_bad);
    EXPECT_EQ(named.bad_line, 2U);
    EXPECT_EQ(answer(400, R"({"error":"unable to parse 'x': missing fields"})").kind,
              Answer::Kind::one_is_bad);
    EXPECT_EQ(answer(413, "").kind, Answer::Kind::too_large);
    EXPECT_EQ(answer(422, "").kind, Answer::Kind::rejected);
    for (const int status : {401, 403, 404, 429, 500, 503}) {
        EXPECT_EQ(answer(status, "").kind, Answer::Kind::later) << status;
    }
    EXPECT_EQ(answer(429, "", {{"Retry-After", "12"}}).retry_after, milliseconds{12'000});
    EXPECT_EQ(answer(503, "", {{"Retry-After", "Fri, 20 Nov 2026 12:00:00 GMT"}}).retry_after, std::nullopt);
    EXPECT_EQ(answer_of(Error{Errc::unavailable, "refused"}).kind, Answer::Kind::later);
}

TEST(InfluxWire, RefusesAUrlThatIsNotTheServerAlone) {
    InfluxOptions options;
    for (const char* url : {"", "nonsense", "http://127.0.0.1:8086/write", "http://127.0.0.1:8086/?a=b"}) {
        options.url = url;
        const Result<std::unique_ptr<SeriesSink>> sink = make_influx_sink(options);
        ASSERT_FALSE(sink.has_value()) << url;
        EXPECT_EQ(sink.error().pointer, "/influx/url");
    }
}

// ---- over a socket ----

std::string gunzipped(const std::string& bytes) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string out(1UL << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

/// Keeps what it is asked and answers as told.
class RecordingServer {
  public:
    RecordingServer() : server_(context_) {
        for (const char* path : {"/write", "/api/v2/write"}) {
            server_.route("POST", path, [this](net::Request request) -> Awaitable<net::Response> {
                net::Response response;
                {
                    const std::lock_guard lock(mutex_);
                    requests_.push_back(request);
                    response.status = refusals_ > 0 ? 503 : 204;
                    refusals_ -= refusals_ > 0 ? 1 : 0;
                }
                if (response.status == 503) {
                    response.headers.set("Retry-After", "0");
                }
                co_return response;
            });
        }
        EXPECT_TRUE(server_.listen().has_value());
        thread_ = std::thread([this] { context_.run(); });
    }
    ~RecordingServer() {
        asio::post(context_, [this] { context_.stop(); });
        thread_.join();
    }
    RecordingServer(const RecordingServer&) = delete;
    RecordingServer& operator=(const RecordingServer&) = delete;
    void refuse(int times) {
        const std::lock_guard lock(mutex_);
        refusals_ = times;
    }
    std::vector<net::Request> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

  private:
    asio::io_context context_{1};
    net::HttpServer server_;
    std::mutex mutex_;
    std::vector<net::Request> requests_;
    int refusals_ = 0;
    std::thread thread_;
};

TEST(InfluxSink, SpeaksTheSecondVersionToTheLetter) {
    RecordingServer server;
    InfluxOptions options;
    options.url = server.url();
    options.org = "north & south";
    options.bucket = "loads";
    options.token = "secret==";
    const auto sink = make_influx_sink(options);
    ASSERT_TRUE(sink.has_value());
    (*sink)->give(std::vector<SeriesBlock>{{"F-1/p_kw/L1", noon, period_length, {1.5F}}});
    ASSERT_TRUE((*sink)->drain(seconds{10}));
    const std::vector<net::Request> requests = server.requests();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].path, "/api/v2/write");
    EXPECT_EQ(requests[0].parameter("org"), "north & south");
    EXPECT_EQ(requests[0].parameter("bucket"), "loads");
    EXPECT_EQ(requests[0].parameter("precision"), "ms");
    EXPECT_EQ(requests[0].headers.get("Authorization"), "Token secret==");
    EXPECT_EQ(requests[0].headers.get("Content-Encoding"), "gzip");
    EXPECT_EQ(requests[0].headers.get("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(gunzipped(requests[0].body),
              "load,feeder=F-1,phase=L1,quantity=p_kw,source=headroom,step_s=1800 value=1.5 1795176000000\n");
}

TEST(InfluxSink, SpeaksTheFirstVersionToTheLetter) {
    RecordingServer server;
    InfluxOptions options;
    options.url = server.url();
    options.database = "grid";
    options.user = "writer";
    options.password = "p:w";
    const auto sink = make_influx_sink(options);
    ASSERT_TRUE(sink.has_value());
    (*sink)->give(std::vector<Measurement>{
        {.name = "trades", .tags = {{"provider", "P 1"}}, .fields = {{"price", 2.5}}, .at = noon}});
    ASSERT_TRUE((*sink)->drain(seconds{10}));
    const std::vector<net::Request> requests = server.requests();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].target, "/write?db=grid&precision=ms");
    EXPECT_EQ(requests[0].headers.get("Authorization"), "Basic d3JpdGVyOnA6dw==");
    EXPECT_EQ(gunzipped(requests[0].body), "trades,provider=P\\ 1,source=headroom price=2.5 1795176000000\n");
}

TEST(InfluxSink, TriesAgainUntilItIsTakenAndCountsEveryLine) {
    RecordingServer server;
    server.refuse(3);
    InfluxOptions options;
    options.url = server.url();
    options.queue.batch_lines = 100;
    options.queue.retry_first = milliseconds{1};
    const auto sink = make_influx_sink(options);
    ASSERT_TRUE(sink.has_value());
    std::vector<SeriesBlock> blocks;
    for (int i = 0; i < 250; ++i) {
        blocks.push_back({"F-" + std::to_string(i) + "/p_kw/L1", noon, period_length, {1.0F}});
    }
    blocks.push_back({"unfit\\", noon, period_length, {1.0F}});
    (*sink)->give(blocks);
    ASSERT_TRUE((*sink)->drain(seconds{10}));
    const SinkCounts counts = (*sink)->counts();
    EXPECT_EQ(counts.given, 251U);
    EXPECT_EQ(counts.written, 250U);
    EXPECT_EQ(counts.rejected, 1U);
    EXPECT_EQ(counts.retries, 3U);
    EXPECT_EQ(server.requests().size(), 6U);
}

}  // namespace
}  // namespace headroom::store::influx
