#include "net/port_holder.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <system_error>

namespace headroom::net {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view state_listen = "0A";

template <class Number>
std::optional<Number> number_of(std::string_view text, int base) {
    Number number{};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (fault != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

/// The process that has one of `sockets` ("socket:[123]") open.
bool holds_one(const fs::path& process, const std::vector<std::string>& sockets) {
    std::error_code fault;
    for (fs::directory_iterator file(process / "fd", fault), end; !fault && file != end;
         file.increment(fault)) {
        std::error_code unreadable;
        const std::string target = fs::read_symlink(file->path(), unreadable).string();
        if (!unreadable && std::find(sockets.begin(), sockets.end(), target) != sockets.end()) {
            return true;
        }
    }
    return false;
}

std::string name_of(const fs::path& process) {
    std::ifstream in(process / "comm");
    std::string name;
    std::getline(in, name);
    // A process names itself; nothing of it may steer a terminal.
    std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    return name;
}

}  // namespace

std::vector<std::uint64_t> listening_inodes(std::string_view table, std::uint16_t port) {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
    constexpr std::size_t local = 1;
    constexpr std::size_t state = 3;
    constexpr std::size_t inode = 9;
    std::vector<std::uint64_t> inodes;
    std::istringstream lines{std::string(table)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::vector<std::string> columns;
        for (std::string word; columns.size() <= inode && words >> word;) {
            columns.push_back(std::move(word));
        }
        if (columns.size() <= inode || columns[state] != state_listen) {
            continue;
        }
        const std::size_t colon = columns[local].rfind(':');
        if (colon == std::string::npos) {
            continue;
        }
        const auto found = number_of<std::uint16_t>(std::string_view(columns[local]).substr(colon + 1), 16);
        const auto node = number_of<std::uint64_t>(columns[inode], 10);
        if (found == port && node && *node != 0) {
            inodes.push_back(*node);
        }
    }
    return inodes;
}

std::optional<PortHolder> find_port_holder(std::uint16_t port, const fs::path& proc) {
    std::vector<std::string> sockets;
    for (const char* name : {"tcp", "tcp6"}) {
        std::ifstream in(proc / "net" / name);
        std::ostringstream text;
        text << in.rdbuf();
        for (const std::uint64_t inode : listening_inodes(text.str(), port)) {
            sockets.push_back("socket:[" + std::to_string(inode) + "]");
        }
    }
    if (sockets.empty()) {
        return std::nullopt;
    }
    std::error_code fault;
    for (fs::directory_iterator process(proc, fault), end; !fault && process != end;
         process.increment(fault)) {
        const std::optional<int> pid = number_of<int>(process->path().filename().string(), 10);
        if (pid && holds_one(process->path(), sockets)) {
            return PortHolder{*pid, name_of(process->path())};
        }
    }
    return std::nullopt;
}

std::string taken_port_message(std::uint16_t port, const std::optional<PortHolder>& holder) {
    const std::string number = std::to_string(port);
    std::string message = "port " + number + " is taken by ";
    if (holder) {
        message += (holder->name.empty() ? "a process" : holder->name) + " (pid " +
                   std::to_string(holder->pid) + ")";
    } else {
        message += "a process that this user may not see (root may: ss -ltnp sport = :" + number + ")";
    }
    return message + "; use --port N or --port 0, which takes a free one";
}

}  // namespace headroom::net
