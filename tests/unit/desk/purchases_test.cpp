#include "desk/purchases.hpp"

#include "desk/compute_purchase.hpp"

#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

const UtcTime need_from = parse_utc("2027-01-14T17:00:00Z").value();
const UtcTime need_until = need_from + hours{1};

flex::Offer offer(const std::string& id, grid::DerClass der_class, std::int64_t price) {
    flex::Offer out;
    out.provider = "p";
    out.id = id;
    out.der_class = der_class;
    out.power = Watts{5'000};
    out.available_from = need_from;
    out.available_until = need_until;
    out.utilisation = MicroPoundsPerMwh{price};
    return out;
}

flex::ComputeWindow window(const std::string& id, std::int64_t carbon, std::int64_t renewable_ppm,
                           std::int64_t capacity_w, std::int64_t price) {
    flex::ComputeWindow out;
    out.id = id;
    out.provider = "w";
    out.start = need_from;
    out.end = need_from + hours{2};
    out.carbon_g_per_kwh = carbon;
    out.renewable_ppm = renewable_ppm;
    out.capacity_w = capacity_w;
    out.price_per_mwh_micro = price;
    return out;
}

TEST(Purchases, TheCheapestOfTheClassForTheWholeTimeIsTaken) {
    flex::Offer late = offer("late", grid::DerClass::battery, 1);
    late.available_from = need_from + minutes{1};
    flex::Offer short_one = offer("short", grid::DerClass::battery, 1);
    short_one.available_until = need_until - minutes{1};
    const std::vector<flex::Offer> offers{late,
                                          short_one,
                                          offer("ev", grid::DerClass::ev_charger, 2),
                                          offer("a", grid::DerClass::battery, 9),
                                          offer("b", grid::DerClass::battery, 7),
                                          offer("c", grid::DerClass::battery, 7)};
    EXPECT_EQ(cheapest_offer(offers, grid::DerClass::battery, need_from, need_until)->id, "b")
        << "the first of equals";
    EXPECT_EQ(cheapest_offer(offers, grid::DerClass::ev_charger, need_from, need_until)->id, "ev");
    EXPECT_FALSE(cheapest_offer(offers, grid::DerClass::hvac, need_from, need_until).has_value());
}

TEST(Purchases, AWindowFitsByCarbonRenewablesAndEnergy) {
    const WindowRequest request{
        .carbon_max_g_per_kwh = 200, .renewable_min_ppm = 700'000, .energy = WattHours{150'000}};
    const std::vector<flex::ComputeWindow> windows{
        window("dirty", 201, 900'000, 100'000, 1), window("brown", 10, 699'999, 100'000, 1),
        window("small", 10, 900'000, 74'999, 1),   window("dear", 50, 900'000, 75'000, 9),
        window("fits", 50, 900'000, 75'000, 8),    window("worse", 60, 900'000, 100'000, 1)};
    EXPECT_EQ(choose_window(windows, request)->id, "fits");
    WindowRequest hard = request;
    hard.carbon_max_g_per_kwh = 9;
    EXPECT_FALSE(choose_window(windows, hard).has_value());
    EXPECT_FALSE(choose_window({}, request).has_value());
}

TEST(Purchases, ActionsAndClassesStandForEachOther) {
    for (const char* word :
         {"dispatch_battery_discharge", "reduce_ev_load", "shift_hvac_load", "deploy_mobile_generator"}) {
        ASSERT_TRUE(class_of_action(word).has_value()) << word;
        EXPECT_EQ(action_of_class(*class_of_action(word)), word);
    }
    EXPECT_FALSE(class_of_action("open_the_breaker").has_value());
    EXPECT_EQ(action_of_class(grid::DerClass::heat_pump), "shift_hvac_load");
    EXPECT_EQ(action_of_class(grid::DerClass::compute), "");
}

}  // namespace
}  // namespace headroom::desk
