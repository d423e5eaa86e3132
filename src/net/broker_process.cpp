#include "net/broker_process.hpp"

#include "core/clock.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

namespace headroom::net {
namespace {

constexpr auto start_time = seconds{5};
constexpr auto stop_time = seconds{2};
constexpr auto child_look_every = milliseconds{2};
constexpr int ports_tried = 5;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A port that was free a moment ago; 0 when the system has none.
std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return 0;
    }
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                       ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(fd);
    return bound ? ntohs(address.sin_port) : std::uint16_t{0};
}

bool answers(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    const sockaddr_in address = loopback(port);
    const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return connected;
}

bool write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::trunc);
    file << text;
    file.close();
    return !file.fail();
}

std::string configuration(std::uint16_t port) {
    // A broker that changes its user forgets that it is to end with its owner (prctl(2), PR_SET_PDEATHSIG).
    const std::string user = ::geteuid() == 0 ? "user root\n" : "";
    return user + "listener " + std::to_string(port) +
           " 127.0.0.1\n"
           "allow_anonymous true\n"
           "persistence false\n"
           "max_queued_messages 10000\n"
           "max_inflight_messages 0\n"
           "max_packet_size 65536\n"
           "set_tcp_nodelay true\n"
           "log_dest stderr\n"
           "log_type error\n"
           "log_type warning\n"
           "log_type notice\n";
}

}  // namespace

std::optional<std::filesystem::path> BrokerProcess::find_executable() {
    const char* path = std::getenv("PATH");
    std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/local/sbin");
    std::string folder;
    while (std::getline(folders, folder, ':')) {
        const std::filesystem::path candidate = std::filesystem::path(folder) / "mosquitto";
        if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    return std::nullopt;
}

Result<BrokerProcess> BrokerProcess::start(const std::filesystem::path& folder, const std::string& more) {
    const auto executable = find_executable();
    if (!executable) {
        return Error{Errc::not_found, "no mosquitto is installed: apt-get install mosquitto", {}};
    }
    std::error_code fault;
    std::filesystem::create_directories(folder, fault);
    if (fault) {
        return Error{
            Errc::unavailable, "folder " + folder.string() + " cannot be made: " + fault.message(), {}};
    }
    BrokerProcess broker(*executable, folder, more);
    Result<void> launched = Error{Errc::unavailable, "no free port for mosquitto", {}};
    // Somebody else may take the port between the look and the broker's own bind.
    for (int i = 0; i < ports_tried && !launched; ++i) {
        broker.port_ = free_port();
        if (broker.port_ != 0) {
            launched = broker.launch();
        }
    }
    if (!launched) {
        return launched.error();
    }
    return broker;
}

Result<void> BrokerProcess::restart() {
    stop();
    return launch();
}

Result<void> BrokerProcess::launch() {
    const std::filesystem::path config = folder_ / "mosquitto.conf";
    const std::filesystem::path log = folder_ / "mosquitto.log";
    if (!write_file(config, configuration(port_) + more_)) {
        return Error{Errc::unavailable, "file " + config.string() + " cannot be written", {}};
    }
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0) {
        return Error{
            Errc::unavailable, "file " + log.string() + " cannot be opened: " + std::strerror(errno), {}};
    }
    const std::string program = executable_.string();
    const std::string config_text = config.string();
    std::string option = "-c";
    std::array<char*, 4> arguments{const_cast<char*>(program.c_str()), option.data(),
                                   const_cast<char*>(config_text.c_str()), nullptr};
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
        // Between fork and exec only what is safe in a process with threads.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        if (::getppid() != parent || ::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0) {
            ::_exit(127);
        }
        ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(output);
    if (child < 0) {
        return Error{
            Errc::unavailable, "mosquitto cannot be started: " + std::string(std::strerror(errno)), {}};
    }
    pid_ = child;
    const SteadyTime until = steady_now() + start_time;
    while (steady_now() < until) {
        if (has_ended()) {
            return Error{Errc::unavailable, "mosquitto ended as it started: " + log_end(), {}};
        }
        if (answers(port_)) {
            return Result<void>{};
        }
        std::this_thread::sleep_for(child_look_every);
    }
    stop();
    return Error{Errc::unavailable, "mosquitto did not answer within 5 s: " + log_end(), {}};
}

bool BrokerProcess::has_ended() {
    if (pid_ < 0) {
        return true;
    }
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == 0) {
        return false;
    }
    pid_ = -1;
    return true;
}

void BrokerProcess::stop() {
    if (has_ended()) {
        return;
    }
    ::kill(pid_, SIGTERM);
    const SteadyTime until = steady_now() + stop_time;
    while (steady_now() < until) {
        if (has_ended()) {
            return;
        }
        std::this_thread::sleep_for(child_look_every);
    }
    kill();
}

void BrokerProcess::kill() {
    if (has_ended()) {
        return;
    }
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
}

std::string BrokerProcess::log_end() const {
    std::ifstream file(folder_ / "mosquitto.log");
    std::ostringstream text;
    text << file.rdbuf();
    const std::string all = text.str();
    return all.substr(all.size() - std::min<std::size_t>(all.size(), 500));
}

BrokerProcess::BrokerProcess(BrokerProcess&& other) noexcept
    : executable_(std::move(other.executable_)),
      folder_(std::move(other.folder_)),
      more_(std::move(other.more_)),
      port_(other.port_),
      pid_(std::exchange(other.pid_, -1)) {}

BrokerProcess& BrokerProcess::operator=(BrokerProcess&& other) noexcept {
    if (this != &other) {
        stop();
        executable_ = std::move(other.executable_);
        folder_ = std::move(other.folder_);
        more_ = std::move(other.more_);
        port_ = other.port_;
        pid_ = std::exchange(other.pid_, -1);
    }
    return *this;
}

BrokerProcess::~BrokerProcess() {
    stop();
}

}  // namespace headroom::net
