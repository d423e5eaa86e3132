#pragma once

#include "contract/store/temp_dir.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::store {

inline net::ClientSettings loopback_client() {
    net::ClientSettings settings;
    settings.allow_private = {"127.0.0.1:*"};
    return settings;
}

/// Debian's InfluxDB 1.x on free ports of this machine, in a folder of its own, gone with this object.
class InfluxProcess {
  public:
    static constexpr const char* executable = "/usr/bin/influxd";
    [[nodiscard]] static bool is_installed() { return ::access(executable, X_OK) == 0; }
    /// The one of this test process, started when it is first asked for.
    static InfluxProcess& shared() {
        static InfluxProcess process;
        return process;
    }

    InfluxProcess() { start(); }
    ~InfluxProcess() { stop(); }
    InfluxProcess(const InfluxProcess&) = delete;
    InfluxProcess& operator=(const InfluxProcess&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    void start() {
        port_ = port_ != 0 ? port_ : free_port();
        write_settings();
        const std::string settings = dir_ / "influxdb.conf";
        const std::string log = dir_ / "log";
        const pid_t parent = ::getpid();
        pid_ = ::fork();
        ASSERT_GE(pid_, 0);
        if (pid_ == 0) {
            // It never outlives the test, however that ends.
            if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent ||
                ::freopen(log.c_str(), "a", stdout) == nullptr ||
                ::freopen(log.c_str(), "a", stderr) == nullptr) {
                ::_exit(126);
            }
            ::execl(executable, executable, "-config", settings.c_str(), nullptr);
            ::_exit(127);
        }
        wait_until_it_answers();
    }
    void stop() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            pid_ = -1;
        }
    }

  private:
    static std::uint16_t free_port() {
        const int held = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        EXPECT_EQ(::bind(held, reinterpret_cast<const sockaddr*>(&address), size), 0);
        EXPECT_EQ(::getsockname(held, reinterpret_cast<sockaddr*>(&address), &size), 0);
        ::close(held);
        return ntohs(address.sin_port);
    }

    void write_settings() const {
        const std::string root = dir_.path().string();
        std::ofstream file(dir_ / "influxdb.conf");
        file << "reporting-disabled = true\nbind-address = \"127.0.0.1:" << free_port() << "\"\n"
             << "[meta]\ndir = \"" << root << "/meta\"\n"
             << "[data]\ndir = \"" << root << "/data\"\nwal-dir = \"" << root << "/wal\"\n"
             << "[monitor]\nstore-enabled = false\n"
             << "[http]\nbind-address = \"127.0.0.1:" << port_ << "\"\nlog-enabled = false\n"
             << "[subscriber]\nenabled = false\n[continuous_queries]\nenabled = false\n";
    }

    void wait_until_it_answers() const {
        net::HttpClient client(loopback_client());
        const SteadyTime deadline = steady_now() + std::chrono::seconds{20};
        while (steady_now() < deadline) {
            net::ClientRequest ping;
            ping.url = url() + "/ping";
            const Result<net::ClientResponse> answer = client.send_wait(std::move(ping));
            if (answer && answer->status == 204) {
                return;
            }
            ::usleep(20'000);
        }
        std::ifstream log(dir_ / "log");
        ADD_FAILURE() << "influxd does not answer: "
                      << std::string(std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>());
    }

    TempDir dir_;
    std::uint16_t port_ = 0;
    pid_t pid_ = -1;
};

/// The write API of a 2.x in front of a 1.x: takes only what a 2.x would, and hands it on.
class InfluxV2Door {
  public:
    static constexpr const char* token = "a token";
    static constexpr const char* org = "an org";

    explicit InfluxV2Door(std::string behind)
        : behind_(std::move(behind)), client_(context_.get_executor(), loopback_client()), server_(context_) {
        server_.route("POST", "/api/v2/write", [this](net::Request request) {
            const bool is_ours = request.parameter("org") == org && request.parameter("precision") == "ms";
            return hand_on(
                "/write?precision=ms&db=" + net::percent_encode(request.parameter("bucket").value_or("")),
                std::move(request), is_ours);
        });
        server_.route("POST", "/query", [this](net::Request request) {
            return hand_on(request.target, std::move(request), true);
        });
        EXPECT_TRUE(server_.listen().has_value());
        thread_ = std::thread([this] { context_.run(); });
    }
    ~InfluxV2Door() {
        asio::post(context_, [this] { context_.stop(); });
        thread_.join();
    }
    InfluxV2Door(const InfluxV2Door&) = delete;
    InfluxV2Door& operator=(const InfluxV2Door&) = delete;

    static InfluxV2Door& shared() {
        static InfluxV2Door door(InfluxProcess::shared().url());
        return door;
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

  private:
    Awaitable<net::Response> hand_on(std::string target, net::Request request, bool is_ours) {
        const bool is_known = request.headers.get("Authorization") == "Token " + std::string(token);
        if (!is_ours || !is_known) {
            net::Response refused;
            refused.status = is_known ? 404 : 401;
            refused.body = is_known ? R"({"code":"not found","message":"organization name not found"})"
                                    : R"({"code":"unauthorized","message":"unauthorized access"})";
            co_return refused;
        }
        net::ClientRequest forward;
        forward.method = "POST";
        forward.url = behind_ + target;
        for (const char* name : {"Content-Type", "Content-Encoding"}) {
            if (request.headers.has(name)) {
                forward.headers.set(name, std::string(request.headers.get(name)));
            }
        }
        forward.body = std::move(request.body);
        const Result<net::ClientResponse> answer = co_await client_.send(std::move(forward));
        net::Response response;
        response.status = answer ? answer->status : 503;
        if (answer) {
            response.content_type = std::string(answer->headers.get("Content-Type"));
            response.body = answer->body;
        }
        co_return response;
    }

    std::string behind_;
    asio::io_context context_{1};
    net::HttpClient client_;
    net::HttpServer server_;
    std::thread thread_;
};

}  // namespace headroom::store
