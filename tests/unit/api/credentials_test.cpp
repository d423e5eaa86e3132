#include "api/credentials.hpp"

#include <gtest/gtest.h>

namespace headroom::api {
namespace {

TEST(Cookie, IsFoundByItsExactName) {
    EXPECT_EQ(cookie_in("headroom_session=abc", "headroom_session"), "abc");
    EXPECT_EQ(cookie_in("a=1; headroom_session=abc; b=2", "headroom_session"), "abc");
    EXPECT_EQ(cookie_in("  headroom_session = abc ;", "headroom_session"), "abc");
    EXPECT_EQ(cookie_in("headroom_session=", "headroom_session"), "");
    EXPECT_EQ(cookie_in("Headroom_session=abc; xheadroom_session=d; headroom_session", "headroom_session"),
              std::nullopt);
    EXPECT_EQ(cookie_in("", "headroom_session"), std::nullopt);
}

TEST(Cookie, TwoOfOneNameAreNone) {
    EXPECT_EQ(cookie_in("headroom_session=a; headroom_session=b", "headroom_session"), std::nullopt);
    EXPECT_EQ(cookie_of(net::Headers{{"Cookie", "headroom_session=a"}, {"Cookie", "headroom_session=b"}},
                        "headroom_session"),
              std::nullopt);
    EXPECT_EQ(cookie_in("headroom_session=a;" + std::string(9000, ' '), "headroom_session"), std::nullopt);
}

TEST(Bearer, IsReadFromHeaderOrSubprotocol) {
    EXPECT_EQ(bearer_in("Bearer abc-_.~+/="), "abc-_.~+/=");
    EXPECT_EQ(bearer_in("bearer   abc"), "abc");
    for (const char* bad :
         {"", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer a,b", "Bearerabc", "Bearer \xc3\xa4"}) {
        EXPECT_EQ(bearer_in(bad), std::nullopt) << bad;
    }
    EXPECT_EQ(bearer_in("Bearer " + std::string(257, 'a')), std::nullopt);
    EXPECT_EQ(bearer_of(net::Headers{{"Sec-WebSocket-Protocol", "headroom, bearer.abc"}}), "abc");
    EXPECT_EQ(bearer_of(net::Headers{{"Sec-WebSocket-Protocol", "bearer.abc, bearer.def"}}), std::nullopt);
    EXPECT_EQ(bearer_of(net::Headers{{"Sec-WebSocket-Protocol", "headroom"}}), std::nullopt);
    EXPECT_EQ(bearer_of(net::Headers{{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}),
              std::nullopt);
    EXPECT_EQ(bearer_of(net::Headers{{"Authorization", "Basic x"}, {"Sec-WebSocket-Protocol", "bearer.abc"}}),
              std::nullopt)
        << "the header wins, also when it is nonsense";
}

TEST(Host, LosesItsPort) {
    EXPECT_EQ(host_in("room.example:8000"), "room.example");
    EXPECT_EQ(host_in("[::1]:8000"), "[::1]");
    EXPECT_EQ(host_in("127.0.0.1"), "127.0.0.1");
    for (const char* bad : {"room.example:", "room.example:80000000", "room.example:8a", "a/b",
                            "user@room.example", "[::1", "[x]", "a b", "::1"}) {
        EXPECT_EQ(host_in(bad), "") << bad;
    }
}

TEST(Host, IsLoopbackByNameOrNumberOnly) {
    for (const char* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "[::1]"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
    }
    for (const char* host : {"", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example",
                             "0.0.0.0", "192.0.2.1", "[::]"}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
    EXPECT_TRUE(is_loopback_address("::ffff:127.0.0.1"));
    EXPECT_FALSE(is_loopback_address("::ffff:192.0.2.1"));
}

TEST(Origin, IsOursWhenHostAndPortAreTheSame) {
    EXPECT_TRUE(is_same_origin("http://127.0.0.1:8000", "127.0.0.1:8000"));
    EXPECT_TRUE(is_same_origin("http://Room.example", "room.EXAMPLE:80"));
    EXPECT_TRUE(is_same_origin("https://room.example", "room.example"));
    EXPECT_TRUE(is_same_origin("https://room.example:443", "room.example"));
    EXPECT_TRUE(is_same_origin("http://[::1]:8000", "[::1]:8000"));
    for (const auto& [origin, host] : std::vector<std::pair<std::string, std::string>>{
             {"null", "null"},
             {"", ""},
             {"http://", ""},
             {"http://127.0.0.1:8001", "127.0.0.1:8000"},
             {"http://localhost:8000", "127.0.0.1:8000"},
             {"http://127.0.0.1:8000.evil.example", "127.0.0.1:8000"},
             {"http://127.0.0.1:8000/", "127.0.0.1:8000"},
             {"http://evil.example@127.0.0.1:8000", "127.0.0.1:8000"},
             {"file://127.0.0.1:8000", "127.0.0.1:8000"},
             {"https://room.example:80", "room.example"},
         }) {
        EXPECT_FALSE(is_same_origin(origin, host)) << origin << " at " << host;
    }
}

}  // namespace
}  // namespace headroom::api
