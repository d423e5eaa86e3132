#include "app/bench_child.hpp"

#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

extern char** environ;

namespace headroom::app {
namespace {

constexpr int start_ms_max = 60'000;
constexpr std::size_t line_max = 4UL << 20U;

Error cannot(const std::string& what, int error) {
    return Error{Errc::unavailable, what + ": " + std::strerror(error), ""};
}

/// Reads up to the first line break; what the child says later is not waited for.
Result<std::string> read_line(int descriptor) {
    std::string text;
    std::array<char, 4096> piece{};
    while (text.find('\n') == std::string::npos) {
        pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, start_ms_max) <= 0) {
            return Error{Errc::timeout, "the other process did not say that it is ready", ""};
        }
        const ssize_t got = ::read(descriptor, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0 || text.size() > line_max) {
            return Error{Errc::unavailable, "the other process ended before it was ready", ""};
        }
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return text.substr(0, text.find('\n'));
}

}  // namespace

Result<BenchChild> BenchChild::start(const std::vector<std::string>& arguments) {
    std::array<int, 2> pipe_ends{};
    if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
        return cannot("a pipe", errno);
    }
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    std::vector<std::string> words{"headroom"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    BenchChild child;
    const int error = ::posix_spawn(&child.pid_, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    if (error != 0) {
        child.pid_ = -1;
        ::close(pipe_ends[0]);
        return cannot("starting another process", error);
    }
    Result<std::string> line = read_line(pipe_ends[0]);
    ::close(pipe_ends[0]);
    if (!line) {
        return line.error();
    }
    child.line_ = std::move(*line);
    return child;
}

BenchChild::~BenchChild() {
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
    }
}

}  // namespace headroom::app
