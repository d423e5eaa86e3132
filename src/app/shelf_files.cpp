#include "app/shelf_files.hpp"

#include "agents/contingency_sweep.hpp"
#include "contingency/make_shelf.hpp"
#include "core/csv.hpp"
#include "grid/season.hpp"

#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace headroom::app {
namespace {

constexpr std::streamsize shelf_file_max = 256 << 20;
constexpr double load_kw_max = 10'000'000.0;

Result<std::string> read_shelf_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file || file.tellg() > shelf_file_max) {
        return Error{Errc::unavailable, path.string() + " cannot be read, or is larger than 256 MiB"};
    }
    file.seekg(0);
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

Error fault_at(const std::filesystem::path& path, std::size_t line, const std::string& what) {
    return Error{Errc::invalid, path.filename().string() + ": line " + std::to_string(line) + ", " + what};
}

/// Fills in the loads of the file; `has_own` says of whom.
Result<void> take_loads(const std::filesystem::path& path, const contingency::ShelfNetwork& network,
                        contingency::ShelfState& state, std::vector<bool>& has_own) {
    const Result<std::string> text = read_shelf_file(path);
    if (!text) {
        return text.error();
    }
    CsvReader rows(*text);
    const std::optional<CsvRow> header = rows.next();
    if (!header || header->fields.size() != 3 || trim_blanks(header->fields[0]) != "element_id" ||
        trim_blanks(header->fields[1]) != "phase" || trim_blanks(header->fields[2]) != "load_kw") {
        return fault_at(path, 1, "the header is not element_id,phase,load_kw");
    }
    while (const std::optional<CsvRow> row = rows.next()) {
        if (row->fields.size() != 3) {
            return fault_at(path, row->line, std::to_string(row->fields.size()) + " fields, not 3");
        }
        const std::string id(trim_blanks(row->fields[0]));
        const std::size_t element = network.find(id);
        if (element == contingency::ShelfNetwork::none) {
            return fault_at(path, row->line, "column element_id: there is no '" + id + "' in the grid file");
        }
        const std::string_view word = trim_blanks(row->fields[1]);
        const std::optional<grid::Phase> phase = word.empty() ? grid::Phase::sum : grid::parse_phase(word);
        if (!phase || *phase == grid::Phase::n) {
            return fault_at(path, row->line, "column phase: not L1, L2, L3 or sum");
        }
        const std::optional<double> kw = parse_csv_number(trim_blanks(row->fields[2]));
        if (!kw || std::abs(*kw) > load_kw_max) {
            return fault_at(path, row->line, "column load_kw: not a number up to 10000000");
        }
        contingency::ElementLoad& load = state.elements[element].load;
        const std::size_t place = contingency::phase_place(*phase);
        const std::int64_t watts = to_watts(Kilowatts{*kw}).value;
        load.is_known = true;
        load.has_phases = load.has_phases || place != contingency::phase_sum;
        load.median[place].fill(watts);
        load.high[place].fill(watts);
        has_own[element] = true;
    }
    if (rows.fault()) {
        return Error{Errc::invalid, path.filename().string() + ": " + rows.fault()->message};
    }
    for (contingency::ElementState& element : state.elements) {
        contingency::ElementLoad& load = element.load;
        if (load.has_phases && load.high[contingency::phase_sum][0] == 0) {
            const std::int64_t sum = load.high[0][0] + load.high[1][0] + load.high[2][0];
            load.median[contingency::phase_sum].fill(sum);
            load.high[contingency::phase_sum].fill(sum);
        }
    }
    return {};
}

}  // namespace

Result<std::vector<contingency::ShelfPlan>> shelf_of_files(const std::filesystem::path& grid,
                                                           const std::filesystem::path& loads, UtcTime now) {
    const Result<std::string> text = read_shelf_file(grid);
    if (!text) {
        return text.error();
    }
    const Result<grid::Network> network = grid::read_grid_csv(*text, grid.filename().string());
    if (!network) {
        return network.error();
    }
    const contingency::ShelfNetwork shelf(*network, grid::season_at(now));
    contingency::ShelfState state;
    state.now = std::chrono::floor<minutes>(now);
    state.start = floor_period(now);
    state.authority = grid::AuthorityLevel::shadow;
    state.elements.resize(shelf.elements().size());
    std::vector<bool> has_own(shelf.elements().size(), false);
    if (const Result<void> taken = take_loads(loads, shelf, state, has_own); !taken) {
        return taken.error();
    }
    for (const grid::Der& der : network->ders()) {
        const std::int64_t power = agents::lasting_power_w(der, std::nullopt);
        if (power > 0) {
            state.elements[shelf.find(der.feeder.value)].flex.push_back(
                {der.id.value, contingency::phase_place(der.phase), Watts{power}, agents::notice_minutes(der),
                 der.der_class});
        }
    }
    contingency::add_up_loads(shelf, state, has_own);
    return contingency::make_shelf(shelf, state);
}

}  // namespace headroom::app
