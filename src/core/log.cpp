#include "core/log.hpp"

#include "core/time.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>

namespace headroom::log {
namespace {

struct Sink {
    std::mutex mutex;
    std::function<void(std::string_view)> write;  // guarded by mutex
};

Sink& sink() {
    static Sink the_sink;  // never destroyed before the threads that log: they are joined before main returns
    return the_sink;
}

std::atomic<Level> least{Level::info};

std::string line_for_machines(UtcTime now, Level level, std::string_view message,
                              const json::Object& fields) {
    json::Object line{{"ts", format_utc(now)}, {"level", to_string(level)}, {"msg", message}};
    for (const auto& [key, value] : fields.members()) {
        // The three of our own stay what they are.
        const bool taken = key == "ts" || key == "level" || key == "msg";
        line.set(taken ? json::Key("field_" + key) : key, value);
    }
    return json::write(line);
}

std::string line_for_people(UtcTime now, Level level, std::string_view message, const json::Object& fields) {
    std::string line = format_utc(now).substr(11, 12) + " ";
    line += to_string(level);
    line.append(6 - to_string(level).size(), ' ');
    line += message;
    for (const auto& [key, value] : fields.members()) {
        line += "  " + key + "=" + json::write(value);
    }
    for (char& c : line) {  // a foreign name in a message must not steer the terminal
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            c = ' ';
        }
    }
    return line;
}

}  // namespace

std::string_view to_string(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            return "error";
    }
    return "error";
}

void write(Level level, std::string_view message, const json::Object& fields) {
    if (level < least.load(std::memory_order_relaxed)) {
        return;
    }
    static const bool terminal = isatty(STDERR_FILENO) == 1;
    const UtcTime now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    if (to.write) {
        to.write(line_for_machines(now, level, message, fields));
        return;
    }
    const std::string line = (terminal ? line_for_people(now, level, message, fields)
                                       : line_for_machines(now, level, message, fields)) +
                             "\n";
    std::fwrite(line.data(), 1, line.size(),
                stderr);  // where stderr itself is broken there is nobody left to tell
}

void set_level(Level level) {
    least.store(level, std::memory_order_relaxed);
}

void set_sink(std::function<void(std::string_view)> write_line) {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    to.write = std::move(write_line);
}

}  // namespace headroom::log
