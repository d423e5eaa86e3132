#include "api/process_metrics.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

namespace headroom::api {
namespace {

std::string family(std::string_view name, std::string_view type, std::string_view help, double value,
                   bool is_openmetrics) {
    const bool is_counter = type == "counter";
    const std::string plain(name);
    const std::string sample = is_counter ? plain + "_total" : plain;
    const std::string& title = is_openmetrics ? plain : sample;
    return fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{3} {4}\n", title, help, type, sample, value);
}

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::optional<double> resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double total = 0.0;
    double resident = 0.0;
    if (!(file >> total >> resident)) {
        return std::nullopt;
    }
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::optional<double> open_files() {
    std::error_code fault;
    double count = 0.0;
    for (auto it = std::filesystem::directory_iterator("/proc/self/fd", fault);
         !fault && it != std::filesystem::directory_iterator(); it.increment(fault)) {
        count += 1.0;
    }
    return fault ? std::nullopt : std::optional(count);
}

/// When this code was loaded, which is when the process began but for moments.
const double process_started =
    std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();

}  // namespace

std::string process_metrics(bool is_openmetrics) {
    std::string out;
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) {
        out += family("process_cpu_seconds", "counter", "Processor time of user and system.",
                      seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), is_openmetrics);
    }
    if (const std::optional<double> bytes = resident_bytes()) {
        out += family("process_resident_memory_bytes", "gauge", "Resident memory.", *bytes, is_openmetrics);
    }
    if (const std::optional<double> count = open_files()) {
        out += family("process_open_fds", "gauge", "Open file descriptors.", *count, is_openmetrics);
    }
    out += family("process_start_time_seconds", "gauge", "Start of the process, Unix time.", process_started,
                  is_openmetrics);
    return out;
}

}  // namespace headroom::api
