#include "telemetry/csv_decoder.hpp"

#include "core/ids.hpp"
#include "telemetry/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace headroom::telemetry {
namespace {

constexpr CsvLimits row_limits{.field_bytes = 4096, .row_bytes = 64UL * 1024, .fields = 256};
constexpr std::size_t phase_count = 5;

/// What a timestamp of a format stands for.
struct TimeRule {
    bool is_utc_assumed = false;  // the publisher says UTC, the text does not
    bool is_end = false;          // it names the end of its interval
    milliseconds length{};        // 0: an instant
};

TimeRule time_rule(CsvFormat format) {
    switch (format) {
        case CsvFormat::own:
        case CsvFormat::nged_flows:
        case CsvFormat::nged_long:
            return {};
        case CsvFormat::lv_gb:
            return {.is_utc_assumed = true, .is_end = false, .length = minutes{10}};
        case CsvFormat::stentaway:
            return {.is_utc_assumed = true, .is_end = false, .length = minutes{30}};
        case CsvFormat::nl_substations:
            return {.is_utc_assumed = true, .is_end = true, .length = minutes{15}};
    }
    HEADROOM_ASSERT(false && "a format without a rule for its times");
    return {};
}

/// Why a text is no number that we take.
Quarantine number_fault(std::string_view text) {
    std::string_view word = trim_blanks(text);
    while (!word.empty() && (word.front() == '+' || word.front() == '-')) {
        word.remove_prefix(1);
    }
    double value = 0.0;
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
    // "nan" and "inf" are numbers to from_chars; 1e999 is out of its range.
    const bool is_whole = end == word.data() + word.size() && !word.empty();
    return is_whole && code != std::errc::invalid_argument ? Quarantine::not_finite : Quarantine::malformed;
}

std::string without_suffix(std::string_view text, std::string_view suffix) {
    return std::string(text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text);
}

}  // namespace

std::string site_of_file(std::string_view file_name) {
    std::string site = without_suffix(file_name, ".gz");
    site = without_suffix(site, ".csv");
    site = without_suffix(site, "-transformer-flows");
    return site.empty() ? "site" : to_id(site);
}

CsvDecoder::CsvDecoder(PointRegistry& registry, CsvOptions options)
    : registry_(registry),
      options_(std::move(options)),
      source_(registry.intern_source("csv:" + options_.file_name)),
      rows_(row_limits) {}

std::optional<CsvFormat> CsvDecoder::format() const {
    return layout_ ? std::optional(layout_->format) : std::nullopt;
}

std::vector<CsvPlace> CsvDecoder::places() const {
    std::vector<CsvPlace> places;
    places.reserve(places_.size());
    std::transform(places_.begin(), places_.end(), std::back_inserter(places),
                   [](const Place& place) { return place.place; });
    return places;
}

Result<void> CsvDecoder::feed(std::string_view piece, std::vector<Reading>& out) {
    rows_.feed(piece);
    return drain(out);
}

Result<void> CsvDecoder::finish(std::vector<Reading>& out) {
    rows_.finish();
    Result<void> drained = drain(out);
    if (drained && !layout_) {
        return Error{Errc::invalid,
                     options_.file_name + " is empty: it has no header; " + expected_headers()};
    }
    return drained;
}

Result<void> CsvDecoder::drain(std::vector<Reading>& out) {
    while (const std::optional<CsvRow> row = rows_.next()) {
        if (layout_) {
            take_row(*row, out);
        } else if (Result<void> header = take_header(*row); !header) {
            return header;
        }
    }
    if (rows_.fault()) {
        return fault_of(*rows_.fault());
    }
    return {};
}

Error CsvDecoder::fault_of(const Error& fault) const {
    std::string message = options_.file_name + ", " + fault.message;
    if (!layout_) {  // another kind of file, most likely
        message += "; " + expected_headers();
    }
    return Error{fault.code, std::move(message)};
}

Result<void> CsvDecoder::take_header(const CsvRow& row) {
    Result<CsvLayout> layout = recognise_header(row.fields, options_.file_name);
    if (!layout) {
        return layout.error();
    }
    layout_ = *std::move(layout);
    make_fixed_places();
    return {};
}

void CsvDecoder::make_fixed_places() {
    if (layout_->place != no_field) {
        return;
    }
    const std::string site =
        layout_->format == CsvFormat::stentaway ? std::string("stentaway") : site_of_file(options_.file_name);
    constexpr std::array<std::string_view, 4> suffixes{"", "-pv", "-solar", "-wind"};
    for (const CsvColumn& column : layout_->columns) {
        const auto part = static_cast<std::size_t>(column.part);
        const auto kind = column.part == CsvPart::site ? CsvPlace::Kind::feeder : CsvPlace::Kind::generator;
        // The longest site leaves no room for what is added: the part's name must survive.
        const std::string name = site.substr(0, 64 - suffixes[part].size()) + std::string(suffixes[part]);
        const Place* place = find_or_make(name, "", kind, 1);
        HEADROOM_ASSERT(place != nullptr);
        by_part_[part] = static_cast<std::uint32_t>(place - places_.data());
    }
}

void CsvDecoder::quarantine(std::uint64_t line, Quarantine reason, std::string detail) {
    report_.quarantine({.pointer = {}, .line = line, .reason = reason, .detail = std::move(detail)});
}

void CsvDecoder::take_row(const CsvRow& row, std::vector<Reading>& out) {
    const std::uint64_t line = row.line;
    const auto has_value = [&row](const CsvColumn& column) {
        return column.field < row.fields.size() && !trim_blanks(row.fields[column.field]).empty();
    };
    const std::uint64_t before = report_.received;
    report_.received += static_cast<std::uint64_t>(
        std::count_if(layout_->columns.begin(), layout_->columns.end(), has_value));
    if (row.fields.size() != layout_->fields) {
        report_.received = before + 1;
        quarantine(line, Quarantine::malformed,
                   fmt::format("the row has {} fields, the header {}", row.fields.size(), layout_->fields));
        return;
    }
    if (report_.received == before) {
        return;
    }

    Reading reading;
    reading.seq = line;
    reading.source = source_;
    grid::Phase phase = grid::Phase::sum;
    Place* place = nullptr;
    const bool is_sound = take_time(row.fields[layout_->time], line, reading) && take_phase(row, phase) &&
                          (layout_->place == no_field || (place = place_of(row)) != nullptr);
    if (!is_sound) {
        report_.received = before + 1;  // the row was refused as one
        return;
    }
    for (CsvColumn column : layout_->columns) {
        if (!has_value(column)) {
            continue;
        }
        if (layout_->unit != no_field) {
            const CsvUnit* unit = find_unit(row.fields[layout_->unit]);
            if (unit == nullptr) {
                quarantine(line, Quarantine::malformed,
                           "unit " + quoted(row.fields[layout_->unit]) +
                               " is not known; expected MW, MVAr, "
                               "MVA, kW, kvar, kVA, A or kV");
                continue;
            }
            column.quantity = unit->quantity;
            column.factor = unit->factor;
        }
        Place& of = place != nullptr ? *place : places_[by_part_[static_cast<std::size_t>(column.part)]];
        take_value(row.fields[column.field], column, phase, of, reading, out);
    }
}

bool CsvDecoder::take_time(std::string_view text, std::uint64_t line, Reading& reading) {
    const TimeRule rule = time_rule(layout_->format);
    if (text != last_time_text_ || text.empty()) {
        const TimeReading read =
            rule.is_utc_assumed ? read_time_assumed_utc(trim_blanks(text)) : read_time(trim_blanks(text));
        if (read.fault) {
            quarantine(line, *read.fault,
                       "time " + quoted(text) +
                           (*read.fault == Quarantine::no_zone ? " has no zone; end it in Z or an offset"
                                                               : " is not of the form 2026-11-20T17:00:00Z"));
            return false;
        }
        last_time_text_ = text;
        last_time_ = read.time;
    }
    reading.interval_start = rule.is_end ? last_time_ - rule.length : last_time_;
    reading.interval_end = rule.is_end ? last_time_ : last_time_ + rule.length;
    return true;
}

bool CsvDecoder::take_phase(const CsvRow& row, grid::Phase& phase) {
    if (layout_->phase == no_field) {
        return true;
    }
    const std::string_view text = trim_blanks(row.fields[layout_->phase]);
    if (text.empty()) {
        return true;
    }
    const std::optional<grid::Phase> read = grid::parse_phase(text);
    if (!read) {
        quarantine(row.line, Quarantine::malformed,
                   "phase " + quoted(text) + " is not known; expected L1, L2, L3, N or sum");
        return false;
    }
    phase = *read;
    return true;
}

CsvDecoder::Place* CsvDecoder::place_of(const CsvRow& row) {
    if (layout_->feeder != no_field) {
        return lv_place(row);
    }
    const std::string_view name = trim_blanks(row.fields[layout_->place]);
    return find_or_make(name, "", CsvPlace::Kind::feeder, row.line);
}

CsvDecoder::Place* CsvDecoder::lv_place(const CsvRow& row) {
    const std::string_view substation = trim_blanks(row.fields[layout_->place]);
    const std::string_view feeder = trim_blanks(row.fields[layout_->feeder]);
    unsigned number = 0;
    const auto [end, code] = std::from_chars(feeder.data(), feeder.data() + feeder.size(), number);
    if (code != std::errc{} || end != feeder.data() + feeder.size() || number > 999) {
        quarantine(row.line, Quarantine::malformed,
                   "feeder " + quoted(feeder) + " is not a number from 0 (the busbar) to 999");
        return nullptr;
    }
    if (!is_valid_id(substation) || substation.size() > 60) {
        quarantine(row.line, Quarantine::malformed,
                   "substation " + quoted(substation) + " is not of letters, digits, '.', '_' and '-'");
        return nullptr;
    }
    if (number == 0) {
        return find_or_make(substation, "", CsvPlace::Kind::substation, row.line);
    }
    name_buffer_ = substation;
    name_buffer_ += '-';
    name_buffer_ += feeder;
    return find_or_make(name_buffer_, substation, CsvPlace::Kind::feeder, row.line);
}

CsvDecoder::Place* CsvDecoder::find_or_make(std::string_view name, std::string_view substation,
                                            CsvPlace::Kind kind, std::uint64_t line) {
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
        return &places_[found->second];
    }
    if (name.empty()) {
        quarantine(line, Quarantine::malformed, "the row names no feeder or site");
        return nullptr;
    }
    std::string id = to_id(name);
    if (const auto taken = by_id_.find(id); taken != by_id_.end()) {
        quarantine(line, Quarantine::malformed,
                   telemetry::quoted(name) + " and " + telemetry::quoted(places_[taken->second].place.name) +
                       " would have the same id " + id);
        return nullptr;
    }
    if (places_.size() >= options_.places_max) {
        quarantine(line, Quarantine::unknown_point,
                   fmt::format("{} is one more than the {} feeders and sites that are taken from a file",
                               quoted(name), options_.places_max));
        return nullptr;
    }
    const auto index = static_cast<std::uint32_t>(places_.size());
    Place& place = places_.emplace_back();
    place.place = {.id = id, .name = std::string(name), .substation = std::string(substation), .kind = kind};
    place.is_known = !options_.is_known || options_.is_known(id);
    place.is_turned = options_.turned.contains(id);
    place.is_apparent_only = options_.apparent_only.contains(id);
    place.points.fill(no_point);
    by_name_.emplace(name, index);
    by_id_.emplace(std::move(id), index);
    return &place;
}

PointRef CsvDecoder::point(Place& place, grid::Quantity quantity, grid::Phase phase) {
    PointRef& ref =
        place.points[static_cast<std::size_t>(quantity) * phase_count + static_cast<std::size_t>(phase)];
    if (ref == no_point) {
        ref = registry_.intern({place.place.id, quantity, phase});
    }
    return ref;
}

void CsvDecoder::take_value(std::string_view text, const CsvColumn& column, grid::Phase phase, Place& place,
                            Reading reading, std::vector<Reading>& out) {
    const std::uint64_t line = reading.seq;
    if (!place.is_known) {
        quarantine(line, Quarantine::unknown_point,
                   telemetry::quoted(place.place.name) + " is not in the grid");
        return;
    }
    const std::optional<double> number = parse_csv_number(text);
    if (!number) {
        const Quarantine reason = number_fault(text);
        quarantine(line, reason,
                   fmt::format("{} is {}, {}", grid::to_string(column.quantity), quoted(text),
                               reason == Quarantine::not_finite ? "not a finite number" : "not a number"));
        return;
    }
    const bool is_power =
        column.quantity == grid::Quantity::p_kw || column.quantity == grid::Quantity::q_kvar;
    const double factor = is_power && place.is_turned ? -column.factor : column.factor;
    reading.value = *number == 0.0 ? 0.0 : *number * factor;  // no negative zero
    if (const std::optional<Quarantine> fault = check_value(column.quantity, reading.value)) {
        quarantine(line, *fault, explain_value(column.quantity, reading.value));
        return;
    }
    grid::Quantity quantity = column.quantity;
    if (quantity == grid::Quantity::s_kva && place.is_apparent_only) {
        quantity = grid::Quantity::p_kw;
        reading.quality = Quality::estimated;
    }
    reading.point = point(place, quantity, phase);
    out.push_back(reading);
}

}  // namespace headroom::telemetry
