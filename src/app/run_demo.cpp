#include "app/commands.hpp"
#include "app/complaint.hpp"
#include "app/control_room.hpp"
#include "app/demo_report.hpp"
#include "app/run_folder.hpp"
#include "app/simulated_grid.hpp"
#include "app/story_choice.hpp"
#include "audit/verify.hpp"
#include "core/digest.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

namespace headroom::app {
namespace {

/// After the last hour the world goes on until what is under way has been settled, for so long at most.
constexpr auto overtime = hours{5};

std::int64_t acknowledged(const std::vector<agents::EventRecord>& events) {
    std::int64_t count = 0;
    for (const agents::EventRecord& record : events) {
        for (const agents::Assignment& assignment : record.assignments) {
            count += assignment.state == "told" || assignment.state == "following" ||
                             assignment.state == "released"
                         ? 1
                         : 0;
        }
    }
    return count;
}

void print_progress(const SimulatedGrid& grid, const ControlRoom& room, bool is_last) {
    const std::vector<agents::EventRecord> events = const_cast<ControlRoom&>(room).orchestration().events();
    const std::string line =
        fmt::format("simulated {} UTC · events: {} · instructions acknowledged: {}",
                    format_utc(grid.now()).substr(0, 16), events.size(), acknowledged(events));
    std::cerr << line << (is_last ? "\n" : "\n") << std::flush;
}

DemoFacts facts_of(const DemoCommand& command, const SimulatedGrid& grid, const ControlRoom& room,
                   const audit::VerifyReport& verified) {
    DemoFacts facts;
    facts.seed = command.seed;
    facts.feeders = command.feeders;
    facts.counterfactual_method = "simulated twin without instructions, half-hourly means";
    facts.audit = json::Object{{"size", verified.entries},
                               {"root", to_hex(verified.root)},
                               {"verified", verified.code == audit::VerifyCode::ok}};
    facts.readings = json::Object{{"accepted", grid.accepted()}, {"quarantined", grid.quarantined()}};
    for (const grid::Feeder& feeder : room.network().feeders()) {
        facts.feeder_ratings.emplace_back(feeder.id.value, feeder.rating.value);
    }
    if (command.told) {
        facts.story = json::Object{{"name", command.told->name}, {"title", command.told->title}};
    }
    std::uint32_t number = 0;
    for (const telemetry::PointKey& point : grid.world().points()) {
        facts.points.emplace(point.text(), number++);
    }
    return facts;
}

std::map<std::string, std::string> order_ids_of(ControlRoom& room) {
    std::map<std::string, std::string> ids;
    std::string after;
    for (;;) {
        const Result<std::vector<store::Record>> page = room.records().direct().list("contract", after, 500);
        if (!page || page->empty()) {
            return ids;
        }
        for (const store::Record& record : *page) {
            const Result<json::Value> parsed = json::parse(record.json);
            ids[record.id] = parsed ? parsed->text("/order_id") : "";
        }
        after = page->back().id;
    }
}

void print_table(const json::Object& report) {
    const json::Value view(report);
    for (const json::Value& event : *view.get("events")->as_array()) {
        std::cout << fmt::format(
            "{}  {:<10} {:<3} {:<8} need {:>6.1f} kW  peak {:>6.1f} -> {:>6.1f} of {:>6.1f} kW  £{:>7.2f}  "
            "{}\n",
            event.text("/event_id"), event.text("/feeder_id"), event.text("/limit/phase"),
            event.text("/cause"), event.number("/required_kw"), event.number("/peak_without_kw"),
            event.number("/peak_with_kw"), event.number("/rating_kw"), event.number("/statement_gbp"),
            event.text("/outcome"));
    }
    std::cout << fmt::format(
        "simulated, seed {}: detection to dispatch p50 {:.1f} ms, p99 {:.1f} ms; audit log of {} entries "
        "{}\n",
        view.integer("/seed"), view.number("/detection_to_dispatch_ms/p50"),
        view.number("/detection_to_dispatch_ms/p99"), view.integer("/audit/size"),
        view.boolean("/audit/verified") ? "verified" : "DOES NOT VERIFY");
}

}  // namespace

int run_demo_once(const DemoCommand& given) {
    DemoCommand command = given;
    const Result<void> told = take_story(command);
    if (!told) {
        return complain("demo", told.error());
    }
    const RunFolder folder(command.data_dir);
    if (folder.path().empty()) {
        return complain("demo",
                        {Errc::unavailable, "no temporary folder could be made; give one with --data-dir"});
    }
    log::set_level(log::Level::warn);
    // Coroutines of open events refer to the parts and live in the context until the process ends: nothing of
    // it is taken apart under them (`run` leaves without unwinding, everything that matters being durable).
    asio::io_context& context = *new asio::io_context(1);
    std::cerr << "building the simulated grid: " << command.feeders << " feeders, " << command.ders
              << " DERs, seed " << command.seed << "\n";
    Result<std::unique_ptr<SimulatedGrid>> opened_grid = SimulatedGrid::open(context, command, folder.path());
    if (!opened_grid) {
        return complain("demo", opened_grid.error());
    }
    SimulatedGrid* const grid = opened_grid->release();
    Result<std::unique_ptr<ControlRoom>> opened_room = ControlRoom::open(context, grid->room_options());
    if (!opened_room) {
        return complain("demo", opened_room.error());
    }
    ControlRoom* const room = opened_room->release();
    const Result<void> connected = grid->connect(*room);
    if (!connected) {
        return complain("demo", connected.error());
    }
    if (grid->is_resumed()) {
        std::cerr << "going on from " << format_utc(grid->now()) << "\n";
    }
    std::uint64_t steps = 0;
    while (grid->now() < grid->end() ||
           (room->orchestration().open_events() > 0 && grid->now() < grid->end() + overtime)) {
        room->monitoring().set_raising(grid->now() < grid->end());
        const Result<void> stepped = grid->step(*room);
        if (!stepped) {
            return complain("demo", stepped.error());
        }
        if (++steps % 5 == 0) {
            print_progress(*grid, *room, false);
        }
    }
    print_progress(*grid, *room, true);
    grid->time().settle();
    const std::map<std::string, std::string> order_ids = order_ids_of(*room);
    std::vector<agents::EventRecord> events = room->orchestration().events();
    std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
        return std::tie(a.overload.detected_at, a.overload.event) <
               std::tie(b.overload.detected_at, b.overload.event);
    });
    const Result<void> finished = room->finish();
    if (!finished) {
        return complain("demo", finished.error());
    }
    const audit::VerifyReport verified = audit::verify({.dir = folder.path() / "audit", .keys = {}});
    const DemoFacts facts = facts_of(command, *grid, *room, verified);
    const json::Object report = demo_report(events, order_ids, grid->peaks(), facts);
    if (command.is_json) {
        std::cout << json::write(report) << "\n";
    } else {
        print_table(report);
    }
    bool all_accounted = verified.code == audit::VerifyCode::ok;
    for (const agents::EventRecord& record : events) {
        if (!is_accounted_for(record, grid->peaks(), facts)) {
            std::cerr << "not accounted for: " << record.id().value << " (" << record.outcome << ")\n";
            all_accounted = false;
        }
    }
    return all_accounted ? 0 : 1;
}

}  // namespace headroom::app
