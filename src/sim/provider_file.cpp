#include "sim/provider_file.hpp"

#include "core/reflect_schema.hpp"
#include "sim/provider_tables.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace headroom::sim {

namespace {

constexpr std::size_t list_bytes_max = 16UL << 20U;
constexpr minutes whole_day{24 * 60};

/// Minutes of "17:25", up to "24:00"; nothing for anything else.
std::optional<minutes> time_of_day(std::string_view text) {
    const auto digit = [&](std::size_t at) {
        return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -1;
    };
    if (text.size() != 5 || text[2] != ':' || digit(0) < 0 || digit(1) < 0 || digit(3) < 0 || digit(4) < 0) {
        return std::nullopt;
    }
    const minutes at{(digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4)};
    return digit(3) < 6 && at <= whole_day ? std::optional(at) : std::nullopt;
}

/// Ids of an offer and in a path.
bool is_plain_id(std::string_view text) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !text.empty() && is_word(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_word(c) || c == '.' || c == '_' || c == '-';
    });
}

std::int64_t whole(double value, double units) {
    return std::llround(value * units);
}
milliseconds seconds_of(double value) {
    return milliseconds{whole(value, 1e3)};
}
/// £/kWh → µ£/MWh
MicroPoundsPerMwh price_of(double gbp_per_kwh) {
    return MicroPoundsPerMwh{whole(gbp_per_kwh, 1e9)};
}

class Reader {
  public:
    explicit Reader(SettingsTree& tree) : tree_(tree) {}

    ListedDer read(const provider_tables::Der& table, const std::string& at) {
        ListedDer der;
        der.id = id(table.id, at);
        der.name = table.name;
        const std::optional<grid::DerClass> kind = grid::parse_der_class(table.kind);
        if (!kind) {
            fault(at + "/kind", "must be " + grid::der_class_words() + ", it is '" + table.kind + "'");
        }
        der.der_class = kind.value_or(grid::DerClass::other);
        if (table.feeder != "*" && !is_plain_id(table.feeder)) {
            fault(at + "/feeder", "must be a feeder's id or *, it is '" + table.feeder + "'");
        }
        der.feeder = table.feeder;
        der.phase = phase(table.phase, at + "/phase");
        der.can_turn_down = table.direction == "turn_down" || table.direction == "both";
        der.can_turn_up = table.direction == "turn_up" || table.direction == "both";
        if (!der.can_turn_down && !der.can_turn_up) {
            fault(at + "/direction", "must be turn_down, turn_up or both, it is '" + table.direction + "'");
        }
        der.lat = table.latitude;
        der.lon = table.longitude;
        der.power = Watts{whole(table.capacity_kw, 1e3)};
        der.energy = WattHours{whole(table.energy_kwh, 1e3)};
        der.response = seconds_of(table.response_s);
        der.ramp_w_per_s = whole(table.ramp_kw_per_s, 1e3);
        der.duration_min = minutes{table.min_duration_minutes};
        der.duration_max = minutes{table.max_duration_minutes};
        if (table.max_duration_minutes > 0 && table.max_duration_minutes < table.min_duration_minutes) {
            fault(at + "/max_duration_minutes", "is less than min_duration_minutes");
        }
        std::tie(der.available_from, der.available_until) = span(table.from, table.until, at);
        der.price = price_of(table.price_gbp_per_kwh);
        der.availability_per_mw_h = MicroPounds{whole(table.availability_gbp_per_mw_h, 1e6)};
        der.reliability_ppm = whole(table.reliability, 1e6);
        der.baseline_method = table.baseline_method;
        return der;
    }

    ListedWindow read(const provider_tables::Window& table, const std::string& at) {
        ListedWindow window;
        window.id = id(table.id, at);
        window.name = table.name.empty() ? table.id : table.name;
        window.grid_area = table.grid_area;
        window.grid_zone = table.grid_zone;
        if (!is_plain_id(table.grid_zone)) {
            fault(at + "/grid_zone", "must be made of letters, digits, '.', '_' and '-'");
        }
        window.lat = table.latitude;
        window.lon = table.longitude;
        const auto [from, until] = span(table.from, table.until, at);
        window.start = from;
        window.length = until > from ? until - from : until + whole_day - from;
        window.capacity = Watts{whole(table.capacity_mw, 1e6)};
        window.price = price_of(table.price_gbp_per_kwh);
        window.carbon_g_per_kwh = table.carbon_g_per_kwh;
        window.renewable_ppm = whole(table.renewable_percent, 1e4);
        window.reliability_ppm = whole(table.reliability, 1e6);
        window.response = seconds_of(table.response_s);
        return window;
    }

    ListedProvider read(const provider_tables::Provider& table, const std::string& at) {
        ListedProvider provider;
        provider.id = id(table.id, at);
        provider.name = table.name;
        provider.subscriber_id =
            table.subscriber_id.empty() ? table.id + ".bpp.example" : table.subscriber_id;
        if (!is_plain_id(provider.subscriber_id)) {
            fault(at + "/subscriber_id", "must be made of letters, digits, '.', '_' and '-'");
        }
        for (std::size_t i = 0; i < table.der.size(); ++i) {
            provider.ders.push_back(read(table.der[i], at + "/der/" + std::to_string(i)));
        }
        for (std::size_t i = 0; i < table.window.size(); ++i) {
            provider.windows.push_back(read(table.window[i], at + "/window/" + std::to_string(i)));
        }
        return provider;
    }

  private:
    void fault(const std::string& at, std::string message) { tree_.add_fault(at, std::move(message)); }

    std::string id(const std::string& text, const std::string& at) {
        if (!is_plain_id(text)) {
            fault(at + "/id", "must be made of letters, digits, '.', '_' and '-', it is '" + text + "'");
        } else if (!ids_.insert(text).second) {
            fault(at + "/id", "stands twice: " + text);
        }
        return text;
    }
    grid::Phase phase(const std::string& text, const std::string& at) {
        for (const grid::Phase phase :
             {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum}) {
            if (grid::to_string(phase) == text) {
                return phase;
            }
        }
        fault(at, "must be L1, L2, L3 or sum, it is '" + text + "'");
        return grid::Phase::sum;
    }
    std::pair<minutes, minutes> span(const std::string& from, const std::string& until,
                                     const std::string& at) {
        const std::optional<minutes> begin = time_of_day(from);
        const std::optional<minutes> end = time_of_day(until);
        if (!begin || *begin == whole_day) {
            fault(at + "/from", "must be a time of day HH:MM, it is '" + from + "'");
        }
        if (!end) {
            fault(at + "/until", "must be a time of day HH:MM up to 24:00, it is '" + until + "'");
        }
        if (begin && end && *begin == *end) {
            fault(at + "/until", "is the same as `from`");
        }
        return {begin.value_or(minutes{0}), end.value_or(whole_day)};
    }

    SettingsTree& tree_;
    std::set<std::string> ids_;
};

Error as_error(const std::vector<SettingsFault>& faults) {
    std::string message;
    for (const SettingsFault& fault : faults) {
        message += (message.empty() ? "" : "\n") + fault.sentence();
    }
    return Error{Errc::invalid, std::move(message), ""};
}

/// The part of [from, to) that lies in the hours of each day, the first when there are several.
std::pair<UtcTime, UtcTime> available(const ListedDer& der, UtcTime from, UtcTime to) {
    const minutes length = der.available_until > der.available_from
                               ? der.available_until - der.available_from
                               : der.available_until + whole_day - der.available_from;
    if (length >= whole_day) {
        return {from, to};
    }
    UtcTime begin = std::chrono::floor<std::chrono::days>(from) - whole_day + der.available_from;
    while (begin + length <= from) {
        begin += whole_day;
    }
    return {std::max(from, begin), std::min(to, begin + length)};
}

flex::Offer listed_offer(const std::string& provider, const ListedDer& der, const std::string& feeder,
                         bool turn_up) {
    flex::Offer offer;
    offer.provider = provider;
    offer.id = (turn_up ? "up-" : "of-") + der.id;
    offer.der = der.id;
    offer.der_class = der.der_class;
    offer.feeder = feeder;
    offer.phase = der.phase;
    offer.turn_up = turn_up;
    offer.power = der.power;
    offer.energy = der.energy;
    offer.notice = der.response;
    offer.duration_min = der.duration_min;
    offer.duration_max = der.duration_max;
    offer.ramp_w_per_s = der.ramp_w_per_s;
    offer.utilisation = der.price;
    offer.availability_per_mw_h = der.availability_per_mw_h;
    offer.baseline_method = der.baseline_method;
    offer.reliability_ppm = der.reliability_ppm;
    return offer;
}

}  // namespace

Result<ProviderList> read_provider_list(std::string_view toml, const std::string& file) {
    if (toml.size() > list_bytes_max) {
        return Error{Errc::invalid, file + ": is longer than " + std::to_string(list_bytes_max) + " bytes"};
    }
    const json::Value defaults = headroom::to_json(provider_tables::File{});
    SettingsTree tree(json::Value(json_schema<provider_tables::File>()), *defaults.as_object());
    tree.add_toml(toml, file);
    std::vector<Fault> faults;
    const std::optional<provider_tables::File> tables =
        read_json<provider_tables::File>(tree.values(), faults);
    for (Fault& fault : faults) {
        tree.add_fault(fault.pointer, std::move(fault.detail));
    }
    if (!tables || !tree.faults().empty()) {
        return as_error(tree.faults());
    }
    ProviderList list;
    list.title = tables->title;
    Reader reader(tree);
    for (std::size_t i = 0; i < tables->provider.size(); ++i) {
        list.providers.push_back(reader.read(tables->provider[i], "/provider/" + std::to_string(i)));
    }
    if (!tree.faults().empty()) {
        return as_error(tree.faults());
    }
    return list;
}

std::vector<ProviderSpec> specs_of(const ProviderList& list) {
    std::vector<ProviderSpec> specs;
    for (const ListedProvider& provider : list.providers) {
        ProviderSpec spec;
        spec.id = provider.id;
        spec.name = provider.name;
        spec.subscriber_id = provider.subscriber_id;
        specs.push_back(std::move(spec));
    }
    return specs;
}

Catalogue catalogue_of(std::shared_ptr<const ProviderList> list) {
    return [list = std::move(list)](const std::string& provider, const std::string& feeder, UtcTime from,
                                    UtcTime to) {
        std::vector<flex::Offer> offers;
        for (const ListedProvider& listed : list->providers) {
            for (std::size_t i = 0; listed.id == provider && i < listed.ders.size(); ++i) {
                const ListedDer& der = listed.ders[i];
                const auto [begin, end] = available(der, from, to);
                const bool is_there = feeder.empty() || der.feeder == feeder || der.feeder == "*";
                if (!is_there || end <= begin) {
                    continue;
                }
                const std::string& at = der.feeder != "*" || feeder.empty() ? der.feeder : feeder;
                for (const bool turn_up : {false, true}) {
                    if (turn_up ? der.can_turn_up : der.can_turn_down) {
                        flex::Offer offer = listed_offer(provider, der, at == "*" ? "MOBILE" : at, turn_up);
                        offer.available_from = begin;
                        offer.available_until = end;
                        offers.push_back(std::move(offer));
                    }
                }
            }
        }
        return offers;
    };
}

WindowCatalogue windows_of(std::shared_ptr<const ProviderList> list) {
    return [list = std::move(list)](const std::string& provider, UtcTime from) {
        std::vector<flex::ComputeWindow> windows;
        for (const ListedProvider& listed : list->providers) {
            for (std::size_t i = 0; listed.id == provider && i < listed.windows.size(); ++i) {
                const ListedWindow& entry = listed.windows[i];
                UtcTime start = std::chrono::floor<std::chrono::days>(from) - whole_day + entry.start;
                while (start + entry.length <= from) {
                    start += whole_day;
                }
                std::string date = format_utc(start).substr(0, 10);
                date.erase(std::remove(date.begin(), date.end(), '-'), date.end());
                flex::ComputeWindow window;
                window.id = entry.id + "-" + date;
                window.resource = entry.id;
                window.provider = provider;
                window.name = entry.name;
                window.grid_area = entry.grid_area;
                window.grid_zone = entry.grid_zone;
                window.start = start;
                window.end = start + entry.length;
                window.capacity_w = entry.capacity.value;
                window.renewable_ppm = entry.renewable_ppm;
                window.carbon_g_per_kwh = entry.carbon_g_per_kwh;
                window.price_per_mwh_micro = entry.price.value;
                window.currency = "GBP";
                window.price_stability = "fixed";
                window.valid_until = window.end;
                windows.push_back(std::move(window));
            }
        }
        return windows;
    };
}

}  // namespace headroom::sim
