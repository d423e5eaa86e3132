// Line protocol: whatever a key holds, the line that is written is one line and leads back to the key. And
// what an InfluxDB answers: read, or refused with a reason.
#include "net/http_client.hpp"
#include "store/influx_answers.hpp"
#include "store/influx_line.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

using namespace headroom;
namespace influx = store::influx;

namespace {

/// Up to the first blank that is not escaped.
std::string_view head_of(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == ' ' && (i == 0 || line[i - 1] != '\\')) {
            return line.substr(0, i);
        }
    }
    return line;
}

void write_and_read_back(std::string_view key) {
    for (const milliseconds step : {milliseconds{minutes{1}}, milliseconds{period_length}}) {
        const Result<influx::SeriesPlace> place = influx::place_of(key, step, "headroom");
        if (!place) {
            continue;
        }
        std::string line;
        const std::size_t count = influx::append_lines(
            line, *place,
            {.key = std::string(key), .start = UtcTime{seconds{1}}, .step = step, .values = {1.5F}});
        HEADROOM_ASSERT(count == 1 && std::count(line.begin(), line.end(), '\n') == 1);
        const auto known = influx::key_of(influx::tags_of_series(head_of(line)));
        HEADROOM_ASSERT(known == std::string(key));
    }
}

void write_measurement(std::string_view text) {
    store::Measurement one{.name = "overloads",
                           .tags = {{"feeder", std::string(text.substr(0, text.size() / 2))}},
                           .fields = {{"event", std::string(text)}, {"seq", std::int64_t{7}}},
                           .at = UtcTime{seconds{1}}};
    if (!store::check(one)) {
        return;
    }
    std::string line;
    influx::append_line(line, one, "headroom");
    HEADROOM_ASSERT(std::count(line.begin(), line.end(), '\n') == 1 && line.ends_with(" 1000\n"));
}

void read_answer(std::string_view body) {
    net::ClientResponse response;
    response.status = 200;
    response.body = body;
    const Result<influx::Table> table = influx::table_of(Result<net::ClientResponse>(std::move(response)));
    if (!table) {
        return;
    }
    for (const influx::Row& row : table->rows()) {
        static_cast<void>(row.time_ms());
        static_cast<void>(row.number("value"));
        static_cast<void>(row.text("key"));
    }
    const std::map<std::string, std::string> kinds{
        {"value", "float"}, {"seq", "integer"}, {"event", "string"}};
    for (store::Measurement& one : influx::measurements_of(*table, "overloads", "headroom", kinds)) {
        static_cast<void>(store::check(one));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    write_and_read_back(text);
    write_measurement(text);
    read_answer(text);
    return 0;
}
