#include "knowledge/pdf_text.hpp"

#include "core/clock.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace headroom::knowledge {
namespace {

constexpr int exit_not_started = 127;
constexpr rlim_t files_open_max = 64;

class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    void close() {
        if (number_ >= 0) {
            ::close(std::exchange(number_, -1));
        }
    }
    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

void limit(int resource, rlim_t most) {
    const rlimit both{most, most};
    ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

/// In the child, between fork and exec: only what is safe in a process with threads.
[[noreturn]] void become_reader(const PdfLimits& limits, int file, int output, int nowhere,
                                char* const* arguments, char* const* environment) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    limit(RLIMIT_AS, limits.memory_bytes);
    limit(RLIMIT_CPU, static_cast<rlim_t>(std::max<std::int64_t>(1, limits.time / seconds{1})));
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, files_open_max);
    if (::dup2(file, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
        ::dup2(nowhere, STDERR_FILENO) < 0) {
        ::_exit(exit_not_started);
    }
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execve(arguments[0], arguments, environment);
    ::_exit(exit_not_started);
}

Error fault_of(const std::filesystem::path& file, std::string_view why) {
    return {Errc::invalid, "the PDF " + file.filename().string() + " " + std::string(why)};
}

Result<Descriptor> open_file(const std::filesystem::path& file, const PdfLimits& limits) {
    Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts {};
    if (opened.get() < 0 || ::fstat(opened.get(), &facts) != 0) {
        const int why = errno;
        return Error{why == ENOENT ? Errc::not_found : Errc::denied,
                     "the file " + file.string() + " cannot be read: " + std::strerror(why)};
    }
    if (!S_ISREG(facts.st_mode)) {
        return fault_of(file, "is no regular file");
    }
    if (static_cast<std::uint64_t>(facts.st_size) > limits.file_bytes) {
        return fault_of(file, "has " + std::to_string(facts.st_size) + " bytes; at most " +
                                  std::to_string(limits.file_bytes) + " are taken");
    }
    return opened;
}

enum class Ending { whole, too_late, too_long };

/// Everything that comes out of the pipe until it ends, the time is over or it is too much.
Ending read_all(int pipe, const PdfLimits& limits, std::string& text) {
    const SteadyTime until = steady_now() + limits.time;
    std::array<char, 65'536> buffer{};
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(until - steady_now()).count();
        if (left <= 0) {
            return Ending::too_late;
        }
        pollfd waited{.fd = pipe, .events = POLLIN, .revents = 0};
        if (::poll(&waited, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000))) <= 0) {
            continue;
        }
        const ssize_t count = ::read(pipe, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return Ending::whole;
        }
        if (text.size() + static_cast<std::size_t>(count) > limits.text_bytes) {
            return Ending::too_long;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

Result<void> judge(const std::filesystem::path& file, int status) {
    if (WIFSIGNALED(status)) {
        return fault_of(file, "ended its reader with signal " + std::to_string(WTERMSIG(status)) +
                                  ": it is damaged, or asks for more time or memory than it gets");
    }
    switch (WEXITSTATUS(status)) {
        case 0:
            return {};
        case 1:
            return fault_of(file, "cannot be opened: it is damaged, locked by a password, or no PDF");
        case 3:
            return fault_of(file, "does not allow its text to be taken out");
        case exit_not_started:
            return Error{Errc::unavailable, "the reader of PDFs could not be started"};
        default:
            return fault_of(file, "could not be read: it is damaged, or asks for more memory than it gets");
    }
}

}  // namespace

Result<std::string> pdf_to_text(const std::filesystem::path& file, const PdfLimits& limits) {
    if (::access(limits.program.c_str(), X_OK) != 0) {
        return Error{Errc::unsupported, limits.program.string() +
                                            " is not there, and PDFs are read with it. Remedy: apt-get "
                                            "install poppler-utils, or give the text as Markdown or HTML"};
    }
    const Result<Descriptor> opened = open_file(file, limits);
    if (!opened) {
        return opened.error();
    }
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return Error{Errc::unavailable, "no pipe for the PDF's text: " + std::string(std::strerror(errno))};
    }
    const Descriptor out(ends[0]);
    Descriptor in(ends[1]);
    const Descriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    std::string program = limits.program.string();
    std::array<std::string, 5> words{"-q", "-enc", "UTF-8", "/dev/stdin", "-"};
    std::array<char*, 7> arguments{program.data(),  words[0].data(), words[1].data(), words[2].data(),
                                   words[3].data(), words[4].data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    const pid_t child = ::fork();
    if (child == 0) {
        become_reader(limits, opened->get(), in.get(), nowhere.get(), arguments.data(), environment.data());
    }
    if (child < 0) {
        return Error{Errc::unavailable,
                     "the reader of PDFs cannot be started: " + std::string(std::strerror(errno))};
    }
    in.close();
    std::string text;
    const Ending ending = read_all(out.get(), limits, text);
    if (ending != Ending::whole) {
        ::kill(child, SIGKILL);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (ending == Ending::too_late) {
        return fault_of(file, "takes longer than " + std::to_string(limits.time / seconds{1}) + " s to read");
    }
    if (ending == Ending::too_long) {
        return fault_of(file, "holds more than " + std::to_string(limits.text_bytes) + " bytes of text");
    }
    if (const Result<void> judged = judge(file, status); !judged) {
        return judged.error();
    }
    return text;
}

}  // namespace headroom::knowledge
