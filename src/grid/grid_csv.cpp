#include "grid/grid_csv_rows.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <unordered_map>

namespace headroom::grid {
namespace {

using namespace csv;

/// Puts sound rows into a network, parents before children whatever the order of the rows.
class Builder {
  public:
    Builder(std::vector<Element> elements, std::string_view file_name, Faults& faults)
        : elements_(std::move(elements)), source_("grid file " + std::string(file_name)), faults_(faults) {}

    Network build() {
        add_tree();
        for (const Element& element : elements_) {
            if (element.type == Type::tie) {
                add_tie(element);
            }
        }
        return std::move(network_);
    }

  private:
    /// Substations, feeders and DERs.
    void add_tree() {
        std::unordered_map<std::string_view, std::vector<std::size_t>> waiting;  // by the parent's name
        std::vector<bool> is_settled(elements_.size(), false);
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            const Element& element = elements_[i];
            const auto [first, is_new] = by_name_.emplace(element.name_in_file, i);
            if (!is_new) {
                faults_.add(element.line, Column::id,
                            shown(element.name_in_file) + " stands on line " +
                                std::to_string(elements_[first->second].line) + " already");
                is_settled[i] = true;
            }
        }
        std::vector<std::size_t> ready;
        for (std::size_t i = elements_.size(); i-- > 0;) {
            const Element& element = elements_[i];
            if (is_settled[i]) {
                continue;
            }
            const auto parent = by_name_.find(element.parent_in_file);
            if (element.type == Type::tie || element.parent_in_file.empty()) {
                ready.push_back(i);
            } else if (parent == by_name_.end()) {
                faults_.add(element.line, Column::parent_id,
                            "there is no " + shown(element.parent_in_file) + " in this file");
                is_settled[i] = true;
            } else {
                waiting[element.parent_in_file].push_back(i);
            }
        }
        while (!ready.empty()) {
            const std::size_t i = ready.back();
            ready.pop_back();
            is_settled[i] = true;
            const Element& element = elements_[i];
            if (element.type != Type::tie) {
                const auto parent = by_name_.find(element.parent_in_file);
                add(element, parent == by_name_.end() ? nullptr : &elements_[parent->second]);
            }
            if (const auto children = waiting.find(element.name_in_file); children != waiting.end()) {
                ready.insert(ready.end(), children->second.begin(), children->second.end());
            }
        }
        tell_rings(is_settled);
    }

    /// What is neither added nor refused hangs on a refused row (told already) or in a ring, or below one.
    void tell_rings(const std::vector<bool>& is_settled) {
        constexpr std::size_t not_walked = 0;
        std::vector<std::size_t> walked_in(elements_.size(), not_walked);  // the number of the walk up
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            const std::size_t walk = i + 1;
            std::size_t at = i;
            while (!is_settled[at] && walked_in[at] == not_walked) {
                walked_in[at] = walk;
                at = by_name_.at(elements_[at].parent_in_file);
            }
            if (is_settled[at] || walked_in[at] != walk) {
                continue;
            }
            const std::size_t ring = at;
            do {
                faults_.add(elements_[at].line, Column::parent_id, "leads in a ring back to itself");
                at = by_name_.at(elements_[at].parent_in_file);
            } while (at != ring);
        }
    }

    void add(const Element& element, const Element* parent) {
        const std::string parent_id = parent == nullptr ? "" : parent->id;
        if (parent != nullptr && !may_hang_on(element.type, parent->type)) {
            faults_.add(element.line, Column::parent_id,
                        shown(element.parent_in_file) + " (line " + std::to_string(parent->line) +
                            ") is no " +
                            (element.type == Type::substation ? "feeder or substation"
                             : element.type == Type::feeder   ? "substation"
                                                              : "feeder"));
            return;
        }
        Result<void> added;
        if (element.type == Type::substation) {
            added = network_.add(Substation{.id = SubstationId{element.id},
                                            .parent = parent_id,
                                            .name = element.name,
                                            .kind = element.kind,
                                            .lat = element.lat,
                                            .lon = element.lon,
                                            .rating = element.rating,
                                            .source_ref = element.source_ref()});
        } else if (element.type == Type::feeder) {
            added = network_.add(Feeder{.id = FeederId{element.id},
                                        .parent = parent_id,
                                        .name = element.name,
                                        .kind = element.kind,
                                        .lat = element.lat,
                                        .lon = element.lon,
                                        .rating = element.rating,
                                        .source_ref = element.source_ref()});
        } else {
            added = network_.add(der_of(element, parent_id));
        }
        if (added && element.type == Type::feeder) {
            add_limits(element);
        }
        // A parent that was refused has been told; one fault is enough for the branch below it.
        if (!added && added.error().code != Errc::not_found) {
            faults_.add(element.line, Column::id, added.error().message);
        }
    }

    void add_tie(const Element& element) {
        Tie tie;
        const std::array<std::string_view, 2> names{element.parent_in_file, element.other_end_in_file};
        for (std::size_t end = 0; end < names.size(); ++end) {
            const auto found = by_name_.find(names[end]);
            if (found == by_name_.end()) {
                faults_.add(element.line, Column::parent_id,
                            "there is no " + shown(names[end]) + " in this file");
                return;
            }
            const Element& joined = elements_[found->second];
            if (joined.type != Type::substation && joined.type != Type::feeder) {
                faults_.add(element.line, Column::parent_id,
                            shown(names[end]) + " (line " + std::to_string(joined.line) +
                                ") is no feeder or substation");
                return;
            }
            tie.ends[end] = joined.id;
        }
        tie.id = TieId{element.id};
        tie.name = element.name;
        tie.rating = element.rating;
        tie.switching = element.switching;
        tie.is_remote = element.is_remote;
        tie.lat = element.lat;
        tie.lon = element.lon;
        tie.source_ref = element.source_ref();
        if (const Result<void> added = network_.add(std::move(tie));
            !added && added.error().code != Errc::not_found) {
            faults_.add(element.line, Column::id, added.error().message);
        }
    }

    static bool may_hang_on(Type child, Type parent) {
        switch (child) {
            case Type::substation:
                return parent == Type::substation || parent == Type::feeder;
            case Type::feeder:
                return parent == Type::substation;
            case Type::der:
                return parent == Type::feeder;
            case Type::tie:
                break;  // has ends, no parent
        }
        return false;
    }

    static Der der_of(const Element& element, const std::string& feeder) {
        Der der;
        der.id = DerId{element.id};
        der.name = element.name;
        der.der_class = element.der_class;
        der.feeder = FeederId{feeder};
        der.phase = element.phase;
        der.turn_down_max = to_watts(element.rating);
        if (element.der_class == DerClass::battery) {
            der.turn_up_max = der.turn_down_max;
        }
        der.energy = to_watt_hours(element.energy);
        der.lat = element.lat;
        der.lon = element.lon;
        der.source_ref = element.source_ref();
        return der;
    }

    void add_limits(const Element& feeder) {
        if (feeder.rating.value <= 0.0) {
            return;
        }
        Limit limit;
        limit.asset = feeder.id;
        limit.source = source_;
        limit.verified_by = source_;
        std::vector<Phase> phases(live_phases.begin(), live_phases.end());
        double phase_kw = feeder.rating.value / 3.0;
        if (feeder.phase != Phase::sum) {
            phases = {feeder.phase};
            phase_kw = feeder.rating.value;
        }
        phases.push_back(Phase::sum);
        for (const Phase phase : phases) {
            limit.phase = phase;
            limit.value = phase == Phase::sum ? feeder.rating.value : phase_kw;
            if (const Result<void> added = network_.add(limit); !added) {
                faults_.add(feeder.line, Column::rating_kw, added.error().message);
                return;
            }
        }
    }

    std::vector<Element> elements_;
    std::unordered_map<std::string_view, std::size_t> by_name_;  // of the rows, as they name themselves
    std::string source_;
    Faults& faults_;
    Network network_;
};

}  // namespace

Result<Network> read_grid_csv(std::string_view text, std::string_view file_name) {
    Faults faults(file_name);
    CsvReader rows(text);
    const std::optional<CsvRow> first = rows.next();
    if (!first) {
        faults.add(rows.fault() ? rows.fault()->message : "the file is empty");
        return faults.as_error();
    }
    const Header header(*first, faults);
    if (!faults.empty()) {
        return faults.as_error();
    }

    std::vector<Element> elements;
    while (const std::optional<CsvRow> row = rows.next()) {
        if (row->fields.size() != header.width()) {
            faults.add("line " + std::to_string(row->line) + ": " + std::to_string(row->fields.size()) +
                       " fields, the header has " + std::to_string(header.width()));
            continue;
        }
        elements.push_back(read_row(header, *row, faults));
    }
    if (rows.fault()) {
        faults.add(rows.fault()->message);
    }
    if (!faults.empty()) {
        return faults.as_error();  // whether parents are there cannot be said while rows are missing
    }
    Network network = Builder(std::move(elements), file_name, faults).build();
    if (!faults.empty()) {
        return faults.as_error();
    }
    return network;
}

}  // namespace headroom::grid
