#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

namespace headroom::net {

/// A private mosquitto on a free loopback port, as a child process: for the demo and for tests, never for an
/// installation (it lets everybody in, keeps nothing, and is reachable from this machine only). It ends with
/// the thread that started it at the latest, so that must be the main thread.
class BrokerProcess {
  public:
    /// The installed broker, from PATH or /usr/sbin; nothing when there is none.
    [[nodiscard]] static std::optional<std::filesystem::path> find_executable();

    /// Starts a broker whose configuration and log lie in `folder` (made when missing), and waits, five
    /// seconds at most, until it answers. `more` is appended to the configuration.
    /// Errors: `not_found` when mosquitto is not installed, with the remedy; `unavailable` when it does not
    /// come up, with the end of its log.
    [[nodiscard]] static Result<BrokerProcess> start(const std::filesystem::path& folder,
                                                     const std::string& more = {});

    BrokerProcess(BrokerProcess&& other) noexcept;
    BrokerProcess& operator=(BrokerProcess&& other) noexcept;
    ~BrokerProcess();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] pid_t pid() const { return pid_; }

    /// Ends the child: SIGTERM, after two seconds SIGKILL. Harmless when it has ended.
    void stop();
    /// Ends the child without warning, as a crash would.
    void kill();
    /// Starts it again on the same port. Errors: as `start`.
    Result<void> restart();

  private:
    BrokerProcess(std::filesystem::path executable, std::filesystem::path folder, std::string more)
        : executable_(std::move(executable)), folder_(std::move(folder)), more_(std::move(more)) {}

    Result<void> launch();
    [[nodiscard]] bool has_ended();
    [[nodiscard]] std::string log_end() const;

    std::filesystem::path executable_;
    std::filesystem::path folder_;
    std::string more_;
    std::uint16_t port_ = 0;
    pid_t pid_ = -1;
};

}  // namespace headroom::net
