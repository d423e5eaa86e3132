#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::net {

/// A process of this computer.
struct PortHolder {
    int pid = 0;
    std::string name;  ///< as the kernel calls it, at most 15 characters; "" when it cannot be read
};

/// The inodes of sockets that listen on `port`, from the text of /proc/net/tcp or tcp6. Lines of another
/// form are passed over.
[[nodiscard]] std::vector<std::uint64_t> listening_inodes(std::string_view table, std::uint16_t port);

/// Who listens on TCP `port`, as far as this user may see; `proc` is where the kernel tells. Reads every
/// process's open files: for a fault's message, not for the hot path.
[[nodiscard]] std::optional<PortHolder> find_port_holder(std::uint16_t port,
                                                         const std::filesystem::path& proc = "/proc");

/// "port 8000 is taken by nginx (pid 123); use --port N or --port 0 …", or why the holder is not known.
[[nodiscard]] std::string taken_port_message(std::uint16_t port, const std::optional<PortHolder>& holder);

}  // namespace headroom::net
