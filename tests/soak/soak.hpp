#pragma once

#include "agents/market.hpp"
#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "flex/contract.hpp"
#include "flex/offer.hpp"
#include "sim/catalogue.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// The soak of the market: a buyer and a seller, each a process of its own, that are killed at random moments
// while every kind of fault befalls every fifth message; at the end the books of both sides must be equal.
namespace headroom::soak {

struct Plan {
    std::filesystem::path dir;
    std::uint64_t seed = 7;
    std::int64_t orders = 300;
    std::int64_t fault_ppm = 200'000;  ///< of messages that meet a fault, of all kinds alike
    bool is_each = false;              ///< the same chance for each kind instead: hardly a message is spared
    std::int64_t kills = 4;            ///< of either side, in turn
    std::int64_t side_by_side = 64;
    std::uint16_t buyer_port = 0;
    std::uint16_t seller_port = 0;
    /// No faults, no new orders: what is open is brought to its end and the books are written out.
    bool is_settling = false;
};

inline constexpr std::int64_t providers = 8;
[[nodiscard]] std::string provider_name(std::int64_t number);
[[nodiscard]] std::vector<sim::ProviderSpec> provider_specs(const Plan& plan);
[[nodiscard]] std::vector<flex::Offer> offers_of(const std::string& provider, const std::string& feeder,
                                                 UtcTime from, UtcTime to);
[[nodiscard]] flex::Offer item_of(const std::string& provider, const std::string& feeder,
                                  const std::string& name, UtcTime from, UtcTime to);
/// What goes wrong with the sellers' messages under this plan; nothing while it settles.
[[nodiscard]] sim::ProviderFaults faults_of(const Plan& plan);
[[nodiscard]] Ed25519KeyPair buyer_key();
/// Short, so that messages that come after it are met within the soak.
inline constexpr milliseconds message_ttl{2000};
inline constexpr const char* buyer_id = "buyer.example";
inline constexpr const char* buyer_key_id = "soak";

/// The window that every order is for: tomorrow, so that none of them ends while the soak runs.
[[nodiscard]] UtcTime window_start(const Plan& plan);
[[nodiscard]] flex::Contract wanted(const Plan& plan, std::int64_t order);
/// What is done with an order once it stands.
enum class Afterwards : std::uint8_t { nothing, activate, ask, cancel };
[[nodiscard]] Afterwards afterwards(const Plan& plan, std::int64_t order);

/// Each runs until SIGTERM, or, the settling buyer, until nothing is open. Answers the exit code.
int run_buyer(const Plan& plan);
int run_seller(const Plan& plan);

/// Orders that the buyer is done with, as its file says.
[[nodiscard]] std::vector<bool> done_orders(const Plan& plan);

/// The books of both sides, compared; what is wrong, empty when they are equal. `summary` says how the orders
/// ended.
[[nodiscard]] std::vector<std::string> compare_books(const Plan& plan, json::Object& summary);

}  // namespace headroom::soak
