// A subscriber against a broker of our own making: what is said when, and what a broken peer leads to.
#include "net/broker_process.hpp"
#include "net/mqtt_subscriber.hpp"
#include "net/mqtt_wire.hpp"
#include "net/tcp_connect.hpp"
#include "unit/net/mqtt_feed.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace headroom::net {
namespace {

using testing::eventually;
using testing::MqttFeed;
using testing::ScratchFolder;

/// Takes connections one after another and does with each what `script` says.
class FakeBroker {
  public:
    class Peer {
      public:
        explicit Peer(int fd) : fd_(fd) {}
        /// The next packet; nothing when the peer has gone.
        std::optional<std::pair<mqtt::Frame, std::string>> next() {
            for (;;) {
                if (const auto frame = mqtt::frame_of(held_); frame && *frame) {
                    const mqtt::Frame packet = **frame;
                    if (held_.size() >= packet.bytes()) {
                        const std::string body = held_.substr(packet.head_bytes, packet.body_bytes);
                        held_.erase(0, packet.bytes());
                        return std::pair(packet, body);
                    }
                }
                std::array<char, 4096> chunk{};
                const ssize_t count = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
                if (count <= 0) {
                    return std::nullopt;
                }
                held_.append(chunk.data(), static_cast<std::size_t>(count));
            }
        }
        void say(std::string_view bytes) {
            ASSERT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                      static_cast<ssize_t>(bytes.size()));
        }
        /// CONNECT and SUBSCRIBE with their answers.
        void welcome() {
            ASSERT_TRUE(next().has_value());
            say(std::string_view("\x20\x03\0\0\0", 5));
            ASSERT_TRUE(next().has_value());
            say(std::string_view("\x90\x04\0\x01\0\x01", 6));
        }

      private:
        Descriptor fd_;
        std::string held_;
    };
    using Script = std::function<void(Peer&, int connection)>;

    explicit FakeBroker(Script script) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        HEADROOM_ASSERT(
            ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        HEADROOM_ASSERT(::listen(listener_.get(), 8) == 0);
        socklen_t size = sizeof address;
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, script = std::move(script)] {
            for (int connection = 1;; ++connection) {
                const int fd = ::accept(listener_.get(), nullptr, nullptr);
                if (fd < 0) {
                    return;
                }
                Peer peer(fd);
                script(peer, connection);
            }
        });
    }
    ~FakeBroker() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }
    FakeBroker(const FakeBroker&) = delete;
    FakeBroker& operator=(const FakeBroker&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    Descriptor listener_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

MqttSubscriberSettings settings_for(std::uint16_t port) {
    MqttSubscriberSettings out;
    out.port = port;
    out.client_id = "reader";
    out.filters = {"readings/#"};
    out.reconnect_first = milliseconds{1};
    out.reconnect_longest = milliseconds{10};
    return out;
}

std::string published(std::string_view payload, std::uint16_t packet_id) {
    std::string out;
    mqtt::put_publish(out, "readings/F-1", payload, 1, packet_id);
    return out;
}

TEST(MqttSession, AnswersForAMessageOnlyAfterItWasTakenIn) {
    std::atomic<int> handed_over = 0;
    std::atomic<int> taken_in = 0;
    std::atomic<int> too_early = 0;
    std::atomic<int> answered = 0;
    FakeBroker broker([&](FakeBroker::Peer& peer, int) {
        peer.welcome();
        for (std::uint16_t id = 1; id <= 50; ++id) {
            peer.say(published("x", id));
        }
        while (const auto packet = peer.next()) {
            if (packet->first.type() == mqtt::PacketType::puback) {
                const int id = *mqtt::parse_puback(packet->second);
                answered += 1;
                too_early += id > taken_in ? 1 : 0;
            }
        }
    });
    {
        MqttSubscriber subscriber(settings_for(broker.port()),
                                  {.message = [&](std::string_view, std::string_view) { handed_over += 1; },
                                   .rest = [&] { taken_in = handed_over.load(); },
                                   .state = {}});
        ASSERT_TRUE(subscriber.start().has_value());
        EXPECT_TRUE(eventually([&] { return answered == 50; })) << answered;
    }
    EXPECT_EQ(handed_over, 50);
    EXPECT_EQ(too_early, 0);
}

TEST(MqttSession, WhatWasReadIsHandedOverAndAnsweredForAtTheEnd) {
    std::promise<void> gate;
    std::shared_future<void> open(gate.get_future());
    std::atomic<int> handed_over = 0;
    std::atomic<int> answered = 0;
    std::atomic<bool> said_goodbye = false;
    FakeBroker broker([&](FakeBroker::Peer& peer, int) {
        peer.welcome();
        peer.say(published("one", 1) + published("two", 2));
        while (const auto packet = peer.next()) {
            answered += packet->first.type() == mqtt::PacketType::puback ? 1 : 0;
            said_goodbye = said_goodbye || packet->first.type() == mqtt::PacketType::disconnect;
        }
    });
    MqttSubscriber subscriber(settings_for(broker.port()), {.message =
                                                                [&](std::string_view, std::string_view) {
                                                                    handed_over += 1;
                                                                    open.wait();
                                                                },
                                                            .rest = [] {},
                                                            .state = {}});
    ASSERT_TRUE(subscriber.start().has_value());
    ASSERT_TRUE(eventually([&] { return handed_over == 1; }));

    std::thread stopping([&] { subscriber.stop(); });
    gate.set_value();
    stopping.join();

    EXPECT_EQ(handed_over, 2);
    EXPECT_TRUE(eventually([&] { return said_goodbye.load(); }));
    EXPECT_EQ(answered, 2);
}

TEST(MqttSession, MessagesInPiecesOfAnySizeComeWhole) {
    std::mutex mutex;
    std::vector<std::size_t> sizes;
    const std::vector<std::size_t> sent{1, 300'000, 0, 700'000, 5};
    FakeBroker broker([&](FakeBroker::Peer& peer, int) {
        peer.welcome();
        std::string all;
        std::uint16_t id = 0;
        for (const std::size_t size : sent) {
            all += published(std::string(size, 'x'), ++id);
        }
        constexpr std::size_t step = 8'191;
        for (std::size_t at = 0; at < all.size(); at += step) {
            peer.say(std::string_view(all).substr(at, step));
        }
        while (peer.next()) {
        }
    });
    MqttSubscriber subscriber(settings_for(broker.port()),
                              {.message =
                                   [&](std::string_view, std::string_view payload) {
                                       const std::lock_guard lock(mutex);
                                       sizes.push_back(payload.size());
                                   },
                               .rest = [] {},
                               .state = {}});
    ASSERT_TRUE(subscriber.start().has_value());
    ASSERT_TRUE(eventually([&] { return subscriber.counts().messages == sent.size(); }));
    subscriber.stop();
    EXPECT_EQ(sizes, sent);
}

TEST(MqttSession, APeerThatBreaksTheRulesIsLeftAndTriedAgain) {
    std::mutex mutex;
    std::vector<std::string> whys;
    std::atomic<int> connections = 0;
    FakeBroker broker([&](FakeBroker::Peer& peer, int connection) {
        connections = connection;
        if (connection == 1) {
            static_cast<void>(peer.next());
            peer.say("HTTP/1.1 400 Bad Request\r\n\r\n");
        } else if (connection == 2) {
            peer.welcome();
            peer.say(std::string_view("\x30\xff\xff\xff\xff\x01", 6));
        } else if (connection == 3) {
            peer.welcome();
            peer.say(std::string_view("\xe0\x01\x8b", 3));  // DISCONNECT, server shutting down
        } else {
            peer.welcome();
        }
        while (peer.next()) {
        }
    });
    MqttSubscriber subscriber(settings_for(broker.port()), {.message = [](auto, auto) {},
                                                            .rest = [] {},
                                                            .state =
                                                                [&](bool connected, const std::string& why) {
                                                                    const std::lock_guard lock(mutex);
                                                                    if (!connected) {
                                                                        whys.push_back(why);
                                                                    }
                                                                }});
    ASSERT_TRUE(subscriber.start().has_value());
    EXPECT_TRUE(eventually([&] { return connections >= 4 && subscriber.counts().connected; }));
    subscriber.stop();
    ASSERT_GE(whys.size(), 3U);
    EXPECT_NE(whys[0].find("did not answer CONNECT"), std::string::npos) << whys[0];
    EXPECT_NE(whys[1].find("more than four bytes"), std::string::npos) << whys[1];
    EXPECT_NE(whys[2].find("reason 139"), std::string::npos) << whys[2];
}

/// A certificate of 127.0.0.1 that vouches for itself; false without the tool.
bool make_certificate(const std::filesystem::path& folder, const std::string& name) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=headroom-test -addext subjectAltName=IP:127.0.0.1 -keyout " +
        (folder / (name + ".key")).string() + " -out " + (folder / (name + ".pem")).string() + " 2>/dev/null";
    return std::system(command.c_str()) == 0;
}

TEST(MqttSession, TalksTlsAndChecksWhomItTalksTo) {
    ScratchFolder folder;
    if (!make_certificate(folder.path(), "broker") || !make_certificate(folder.path(), "other")) {
        FAIL() << "no certificate could be made: is openssl installed (scripts/install_packages tests)?";
    }
    const auto file = [&](const char* name) { return (folder.path() / name).string(); };
    const auto port_file = folder.path() / "plain";
    auto broker = BrokerProcess::start(port_file);
    if (!broker && broker.error().code == Errc::not_found) {
        GTEST_SKIP() << broker.error().message;
    }
    ASSERT_TRUE(broker.has_value()) << broker.error().message;
    // A second listener of the same broker, with TLS, on the port that a closed socket has just had.
    broker->stop();
    Descriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size);
    const std::uint16_t port = ntohs(address.sin_port);
    probe = Descriptor();
    auto secure = BrokerProcess::start(folder.path() / "secure",
                                       "listener " + std::to_string(port) + " 127.0.0.1\ncertfile " +
                                           file("broker.pem") + "\nkeyfile " + file("broker.key") + "\n");
    ASSERT_TRUE(secure.has_value()) << secure.error().message;
    MqttSubscriberSettings settings = settings_for(port);
    settings.ca_file = file("broker.pem");
    std::atomic<int> got = 0;
    std::atomic<std::size_t> bytes = 0;
    MqttSubscriber subscriber(settings, {.message =
                                             [&](std::string_view, std::string_view payload) {
                                                 got += 1;
                                                 bytes += payload.size();
                                             },
                                         .rest = [] {},
                                         .state = {}});
    ASSERT_TRUE(subscriber.start().has_value());
    ASSERT_TRUE(eventually([&] { return subscriber.counts().connected; }));
    MqttFeed feed(secure->port());
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(feed.publish("readings/F-1", std::string(50'000, 'x')));
    }
    EXPECT_TRUE(eventually([&] { return got == 20; })) << got;
    EXPECT_EQ(bytes, 1'000'000U);
    subscriber.stop();

    std::mutex mutex;
    std::string told;
    settings.ca_file = file("other.pem");
    settings.client_id = "suspicious";
    MqttSubscriber suspicious(settings, {.message = [](auto, auto) {},
                                         .rest = [] {},
                                         .state =
                                             [&](bool, const std::string& why) {
                                                 const std::lock_guard lock(mutex);
                                                 told = why;
                                             }});
    ASSERT_TRUE(suspicious.start().has_value());
    EXPECT_TRUE(eventually([&] {
        const std::lock_guard lock(mutex);
        return told.find("certificate is not accepted") != std::string::npos;
    })) << told;
}

}  // namespace
}  // namespace headroom::net
