#include "app/rehearse_offers.hpp"

#include "core/csv.hpp"
#include "core/ids.hpp"
#include "forecast/series_table.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace headroom::app {
namespace {

enum Column : std::size_t {
    der_id,
    feeder_id,
    kw,
    provider,
    kind,
    phase,
    energy_kwh,
    notice_minutes,
    max_duration_minutes,
    utilisation,
    availability,
    reliability,
    offer_columns
};
constexpr std::array<std::string_view, offer_columns> offer_column_names{"der_id",
                                                                         "feeder_id",
                                                                         "kw",
                                                                         "provider",
                                                                         "kind",
                                                                         "phase",
                                                                         "energy_kwh",
                                                                         "notice_minutes",
                                                                         "max_duration_minutes",
                                                                         "utilisation_gbp_per_mwh",
                                                                         "availability_gbp_per_mw_h",
                                                                         "reliability"};
constexpr std::size_t offers_max = 200'000;

class OfferReader {
  public:
    explicit OfferReader(MicroPoundsPerMwh price) : price_(price) { place_.fill(none); }

    Result<void> header(std::span<const std::string_view> fields) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const std::string_view name = trim_blanks(fields[i]);
            std::size_t column = 0;
            while (column < offer_columns && offer_column_names[column] != name) {
                ++column;
            }
            if (column == offer_columns) {
                return Error{Errc::invalid, fmt::format("column \"{}\" is not known; expected {}", name,
                                                        fmt::join(offer_column_names, ", "))};
            }
            place_[column] = i;
        }
        for (const Column needed : {der_id, feeder_id, kw}) {
            if (place_[needed] == none) {
                return Error{Errc::invalid, fmt::format("column {} is missing", offer_column_names[needed])};
            }
        }
        return {};
    }

    Result<void> row(std::span<const std::string_view> fields) {
        fields_ = fields;
        fault_.reset();
        flex::Offer offer;
        offer.der = id(der_id);
        offer.id = offer.der;
        offer.feeder = id(feeder_id);
        offer.provider = text(provider).empty() ? "file" : std::string(text(provider));
        offer.power = to_watts(Kilowatts{number(kw, 0.0, 1e-3, 1e5)});
        offer.energy = to_watt_hours(KilowattHours{number(energy_kwh, 0.0, 0.0, 1e6)});
        offer.notice = minutes_of(notice_minutes);
        offer.duration_max = minutes_of(max_duration_minutes);
        const double whole = static_cast<double>(price_.value) / 1e6;
        offer.utilisation = MicroPoundsPerMwh{std::llround(number(utilisation, whole, 0.0, 100'000.0) * 1e6)};
        offer.availability_per_mw_h =
            MicroPounds{std::llround(number(availability, 0.0, 0.0, 100'000.0) * 1e6)};
        offer.reliability_ppm = std::llround(number(reliability, 1.0, 0.0, 1.0) * 1e6);
        offer.baseline_method = "bl01";
        if (const std::string_view word = text(kind); !word.empty()) {
            if (const auto known = grid::parse_der_class(word)) {
                offer.der_class = *known;
            } else {
                refuse(kind, "is not " + grid::der_class_words());
            }
        }
        if (const std::string_view word = text(phase); !word.empty()) {
            if (const auto known = grid::parse_phase(word)) {
                offer.phase = *known;
            } else {
                refuse(phase, "is not L1, L2, L3 or sum");
            }
        }
        if (!fault_ && !taken_.insert(offer.der).second) {
            refuse(der_id, "stands twice");
        }
        if (!fault_ && offers.size() == offers_max) {
            refuse(der_id, fmt::format("is one DER more than the {} that are read", offers_max));
        }
        if (fault_) {
            return *fault_;
        }
        offers.push_back(std::move(offer));
        return {};
    }

    std::vector<flex::Offer> offers;

  private:
    static constexpr std::size_t none = ~std::size_t{0};

    void refuse(Column column, const std::string& why) {
        if (!fault_) {
            fault_ = Error{Errc::invalid, fmt::format("column {}: \"{}\" {}", offer_column_names[column],
                                                      text(column), why)};
        }
    }
    [[nodiscard]] std::string_view text(Column column) const {
        return place_[column] == none ? std::string_view{} : trim_blanks(fields_[place_[column]]);
    }
    std::string id(Column column) {
        if (!is_valid_id(text(column))) {
            refuse(column, "is no id: 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        return std::string(text(column));
    }
    double number(Column column, double otherwise, double least, double most) {
        if (text(column).empty() && otherwise >= least) {
            return otherwise;
        }
        const std::optional<double> value = parse_csv_number(text(column));
        if (!value || !(*value >= least && *value <= most)) {
            refuse(column, fmt::format("is not a number from {:g} to {:g}", least, most));
            return least;
        }
        return *value;
    }
    milliseconds minutes_of(Column column) {
        return milliseconds{std::llround(number(column, 0.0, 0.0, 10'080.0) * 60'000.0)};
    }

    MicroPoundsPerMwh price_;
    std::array<std::size_t, offer_columns> place_{};
    std::span<const std::string_view> fields_;
    std::optional<Error> fault_;
    std::set<std::string, std::less<>> taken_;
};

}  // namespace

Result<std::vector<flex::Offer>> read_offers(const std::filesystem::path& file, MicroPoundsPerMwh price) {
    OfferReader reader(price);
    const Result<void> read = forecast::read_table(
        file, [&reader](std::span<const std::string_view> fields) { return reader.header(fields); },
        [&reader](std::span<const std::string_view> fields) { return reader.row(fields); });
    if (!read) {
        return read.error();
    }
    return std::move(reader.offers);
}

std::vector<flex::Offer> offers_of(const grid::Network& network, MicroPoundsPerMwh price) {
    std::vector<flex::Offer> out;
    for (const grid::Der& der : network.ders()) {
        if (der.turn_down_max.value <= 0) {
            continue;
        }
        flex::Offer offer;
        offer.provider = "grid";
        offer.id = der.id.value;
        offer.der = der.id.value;
        offer.der_class = der.der_class;
        offer.feeder = der.feeder.value;
        offer.phase = der.phase;
        offer.power = der.turn_down_max;
        offer.energy = der.energy;
        offer.notice = der.notice;
        offer.ramp_w_per_s = der.ramp_w_per_s;
        offer.utilisation = price;
        offer.baseline_method = "bl01";
        out.push_back(std::move(offer));
    }
    return out;
}

}  // namespace headroom::app
