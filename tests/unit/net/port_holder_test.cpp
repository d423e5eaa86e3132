#include "net/port_holder.hpp"

#include "net/http_server.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace headroom::net {
namespace {

constexpr const char* table =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000   102        0 31988 1 00 "
    "1\n"
    "   1: 0100007F:1F40 0100007F:D431 01 00000000:00000000 00:00000000 00000000   102        0 33052 1 00 "
    "1\n"
    "   2: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A 00000000:00000000 "
    "00:00000000 00000000     0        0 4711 1 00 1\n"
    "   3: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000   102        0 12 1 00 1\n"
    "rubbish\n"
    "   4: 0100007F 00000000:0000 0A 0:0 0:0 0 102 0 99 1\n"
    "   5: 0100007F:1F40 00000000:0000 0A 0:0 0:0 0 102 0 x 1\n";

TEST(PortHolderTest, FindsTheListenersOfAPort) {
    EXPECT_EQ(listening_inodes(table, 8000), (std::vector<std::uint64_t>{31988, 4711}));
    EXPECT_EQ(listening_inodes(table, 80), std::vector<std::uint64_t>{12});
    EXPECT_TRUE(listening_inodes(table, 81).empty());
    EXPECT_TRUE(listening_inodes("", 80).empty());
}

TEST(PortHolderTest, FindsTheProcessInTheFilesOfTheKernel) {
    namespace fs = std::filesystem;
    const fs::path proc = fs::temp_directory_path() / ("headroom-proc-" + std::to_string(getpid()));
    fs::create_directories(proc / "net");
    fs::create_directories(proc / "123" / "fd");
    fs::create_directories(proc / "notanumber" / "fd");
    std::ofstream(proc / "net" / "tcp") << table;
    std::ofstream(proc / "123" / "comm") << "ngi\x1B[nx\n";
    fs::create_symlink("socket:[31988]", proc / "notanumber" / "fd" / "3");
    fs::create_symlink("/dev/null", proc / "123" / "fd" / "0");
    EXPECT_FALSE(find_port_holder(8000, proc).has_value()) << "nobody is seen to hold it";
    fs::create_symlink("socket:[31988]", proc / "123" / "fd" / "3");

    const auto holder = find_port_holder(8000, proc);
    ASSERT_TRUE(holder.has_value());
    EXPECT_EQ(holder->pid, 123);
    EXPECT_EQ(holder->name, "ngi[nx");
    EXPECT_FALSE(find_port_holder(81, proc).has_value());
    fs::remove_all(proc);
}

TEST(PortHolderTest, SaysWhoAndWhatToDo) {
    EXPECT_EQ(taken_port_message(8000, PortHolder{123, "nginx"}),
              "port 8000 is taken by nginx (pid 123); use --port N or --port 0, which takes a free one");
    EXPECT_EQ(taken_port_message(8000, PortHolder{123, ""}),
              "port 8000 is taken by a process (pid 123); use --port N or --port 0, which takes a free one");
    EXPECT_EQ(
        taken_port_message(8000, std::nullopt),
        "port 8000 is taken by a process that this user may not see (root may: ss -ltnp sport = :8000); "
        "use --port N or --port 0, which takes a free one");
}

TEST(PortHolderTest, AServerOnATakenPortNamesItsHolder) {
    asio::io_context context(1);
    HttpServer first(context, {});
    ASSERT_TRUE(first.listen("127.0.0.1", 0).has_value());
    HttpServer second(context, {});
    const Result<void> taken = second.listen("127.0.0.1", first.port());
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().code, Errc::conflict);
    EXPECT_NE(taken.error().message.find("(pid " + std::to_string(getpid()) + ")"), std::string::npos)
        << taken.error().message;
    EXPECT_NE(taken.error().message.find("--port 0"), std::string::npos);
}

}  // namespace
}  // namespace headroom::net
