#pragma once

#include "core/result.hpp"
#include "core/settings_tree.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "grid/network.hpp"
#include "sim/catalogue.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::sim {

/// A DER that a listed provider has under contract.
struct ListedDer {
    std::string id;
    std::string name;
    grid::DerClass der_class = grid::DerClass::other;
    std::string feeder;  ///< "*": it can be taken to any feeder
    grid::Phase phase = grid::Phase::sum;
    bool can_turn_down = true;
    bool can_turn_up = false;
    double lat = 0.0;
    double lon = 0.0;
    Watts power{};
    WattHours energy{};       ///< over one event; 0 = not limited
    milliseconds response{};  ///< between instruction and effect
    std::int64_t ramp_w_per_s = 0;
    milliseconds duration_min{};
    milliseconds duration_max{};
    minutes available_from{0};  ///< of each day, UTC
    minutes available_until{24 * 60};
    MicroPoundsPerMwh price{};
    MicroPounds availability_per_mw_h{};
    std::int64_t reliability_ppm = 1'000'000;
    std::string baseline_method;
    bool operator==(const ListedDer&) const = default;
};

/// Power for computing in one grid zone, the same hours of every day.
struct ListedWindow {
    std::string id;
    std::string name;
    std::string grid_area;
    std::string grid_zone;
    double lat = 0.0;
    double lon = 0.0;
    minutes start{0};  ///< of each day, UTC
    minutes length{0};
    Watts capacity{};
    MicroPoundsPerMwh price{};
    std::int64_t carbon_g_per_kwh = 0;
    std::int64_t renewable_ppm = 0;
    std::int64_t reliability_ppm = 1'000'000;
    milliseconds response{};
    bool operator==(const ListedWindow&) const = default;
};

struct ListedProvider {
    std::string id;
    std::string name;
    std::string subscriber_id;
    std::vector<ListedDer> ders;
    std::vector<ListedWindow> windows;
    bool operator==(const ListedProvider&) const = default;
};

/// Simulated providers and what each has under contract (docs/formats/beckn-provider.md).
struct ProviderList {
    std::string title;
    std::vector<ListedProvider> providers;
    bool operator==(const ProviderList&) const = default;
};

/// Reads a catalogue file; `file` is what faults call the text. Pure.
/// Errors: `invalid`, one line per fault, with the file's line and the key.
[[nodiscard]] Result<ProviderList> read_provider_list(std::string_view toml, const std::string& file);

/// The catalogue that is built into the program, as a text to read and to write one's own from.
[[nodiscard]] std::string_view built_in_provider_list();

/// What `ProviderSim` is made with.
[[nodiscard]] std::vector<ProviderSpec> specs_of(const ProviderList& list);
/// Offers of the listed DERs on the feeder that is asked for, in the hours of each day that the list says.
[[nodiscard]] Catalogue catalogue_of(std::shared_ptr<const ProviderList> list);
/// The next occurrence of each listed window that is not over; its id ends in the day on which it begins.
[[nodiscard]] WindowCatalogue windows_of(std::shared_ptr<const ProviderList> list);

}  // namespace headroom::sim
