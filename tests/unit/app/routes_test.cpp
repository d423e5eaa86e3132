#include "app/control_room.hpp"
#include "desk/identity/role.hpp"
#include "grid/network.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

namespace headroom::app {
namespace {

constexpr const char* grid =
    "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
    "substation,P1,,Hill Primary,52.1,-1.2,20000,primary,,\n"
    "feeder,F1,P1,Mill Lane,52.1,-1.2,180,domestic,,\n";

/// The room as it is served, in a folder of its own.
class ComposedRoom : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "headroom-routes-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        dir_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(dir_); }

    Result<std::unique_ptr<ControlRoom>> open(const std::string& host) {
        Result<grid::Network> network = grid::read_grid_csv(grid, "grid.csv");
        EXPECT_TRUE(network);
        ControlRoomOptions options;
        options.data_dir = dir_;
        options.network = std::move(*network);
        options.host = host;
        return ControlRoom::open(context_, std::move(options));
    }

    std::filesystem::path dir_;
    asio::io_context context_{1};
};

TEST_F(ComposedRoom, EveryRouteNamesAKnownRole) {
    const Result<std::unique_ptr<ControlRoom>> room = open("127.0.0.1");
    ASSERT_TRUE(room) << room.error().message;
    const std::vector<net::RouteInfo> routes = (*room)->server().routes();
    EXPECT_GT(routes.size(), 20U);
    for (const net::RouteInfo& route : routes) {
        EXPECT_TRUE(desk::identity::is_known_need(route.options.role))
            << route.method << " " << route.pattern << " has the role '" << route.options.role << "'";
    }
}

TEST_F(ComposedRoom, WhatIsOpenToStrangersIsThisListAndNoMore) {
    const Result<std::unique_ptr<ControlRoom>> room = open("127.0.0.1");
    ASSERT_TRUE(room) << room.error().message;
    const std::set<std::string> may_be_open{"/health",         "/livez",        "/readyz",
                                            "/beckn/health",   "/api/v1/login", "/api/v1/logout",
                                            "/api/v1/session", "/openapi.json", "/docs"};
    for (const net::RouteInfo& route : (*room)->server().routes()) {
        const std::string& need = route.options.role;
        if (need == "none") {
            const bool is_page = route.method == "GET" && !route.pattern.starts_with("/api/") &&
                                 !route.pattern.starts_with("/ws");
            EXPECT_TRUE(is_page || may_be_open.contains(route.pattern))
                << route.method << " " << route.pattern;
        }
        if (need == "peer") {
            EXPECT_TRUE(route.pattern.starts_with("/beckn/")) << route.pattern;
        }
        if (need == "device") {
            EXPECT_TRUE(route.pattern.starts_with("/devices/")) << route.pattern;
        }
        if (route.method != "GET" && need != "none" && need != "peer") {
            EXPECT_FALSE(desk::identity::role_allows("", need)) << route.pattern;
        }
    }
}

TEST_F(ComposedRoom, IsNotOpenedToTheNetworkWithoutAnybodyToAskFor) {
    const Result<std::unique_ptr<ControlRoom>> room = open("0.0.0.0");
    ASSERT_FALSE(room);
    EXPECT_EQ(room.error().code, Errc::denied);
    EXPECT_NE(room.error().message.find("headroom user add"), std::string::npos);
}

}  // namespace
}  // namespace headroom::app
