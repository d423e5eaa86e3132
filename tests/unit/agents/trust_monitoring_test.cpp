#include "agents/trust_monitoring.hpp"

#include "core/random.hpp"
#include "unit/agents/dispatch_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

namespace headroom::agents {
namespace {

const UtcTime midnight = parse_utc("2027-01-11T00:00:00Z").value();
constexpr int slots_a_day = 144;
constexpr std::array<grid::Phase, 3> phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3};
const Random load_noise(8);

/// Control room's parts of trust around one substation with three feeders, on a clock that is moved by hand.
class TrustMonitoringTest : public testing::Test {
  protected:
    using Alter = std::function<double(std::size_t meter, std::size_t phase, double kw)>;

    TrustMonitoringTest() {
        EXPECT_TRUE(network_.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
        for (const char* id : {"F-1", "F-2", "F-3"}) {
            EXPECT_TRUE(network_.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id}));
            EXPECT_TRUE(network_.add(
                grid::Limit{.asset = id, .value = 400.0, .source = "grid file", .verified_by = "test"}));
        }
        open_journal();
        begin();
    }
    ~TrustMonitoringTest() override { settle(); }

    void open_journal() {
        std::string seed(32, '\7');
        audit::LogOptions options{.dir = folder_.path() / "audit",
                                  .origin = "test.example/audit",
                                  .key = Ed25519KeyPair::from_secret(seed).value(),
                                  .wall_clock = wall_};
        options.reserve_bytes = 1UL << 16U;
        options.allocate_step = 1UL << 18U;
        log_ = audit::Log::open(std::move(options)).value();
        blobs_ = std::make_unique<audit::BlobStore>(audit::BlobStore::open(folder_.path() / "blobs").value());
        records_ =
            std::make_unique<RecordStore>(store::open_sqlite_records(folder_.path() / "records.db").value());
        journal_ = std::make_unique<Journal>(context_.get_executor(), *log_, *blobs_, *records_);
        journal_->on_entry([this](const audit::Entry& entry) { entries_.push_back(entry); });
    }
    /// A process begins: its own monitor, what the records say.
    void begin() {
        registry_ = std::make_unique<telemetry::PointRegistry>();
        monitor_ = std::make_unique<monitor::Monitor>(network_, *registry_, monitor::MonitorOptions{});
        corrections_ = std::make_unique<TrustCorrections>(*registry_);
        trust_ = std::make_unique<TrustMonitoring>(
            TrustMonitoring::Parts{clock_, network_, *registry_, *monitor_, *journal_, *corrections_, {}});
        ASSERT_TRUE(trust_->restore(records_->direct()));
        trust_->align_marks();
    }
    void settle() {
        for (int quiet = 0; quiet < 3;) {
            context_.restart();
            quiet = context_.run_for(std::chrono::milliseconds{5}) == 0 && journal_->idle() ? quiet + 1 : 0;
        }
        while (!records_->idle()) {
            context_.restart();
            context_.run_for(std::chrono::milliseconds{1});
        }
    }
    static double honest_kw(std::size_t feeder, std::size_t phase, int slot) {
        const double shape = 1.0 + 0.3 * std::sin(2 * std::numbers::pi *
                                                  static_cast<double>(slot % slots_a_day) / slots_a_day);
        return (20.0 + 5.0 * static_cast<double>(feeder) + static_cast<double>(phase)) * shape *
               (1.0 + 0.05 * load_noise.normal(feeder * 3 + phase, static_cast<std::uint64_t>(slot), 1));
    }
    /// Sends `count` slots of all meters, the busbar behind the feeders, and looks at them.
    void send(
        int count, const Alter& alter = [](std::size_t, std::size_t, double kw) { return kw; }) {
        for (int i = 0; i < count; ++i, ++slot_) {
            const UtcTime at = midnight + minutes{10} * slot_;
            clock_.advance_to(at + minutes{10});
            std::vector<telemetry::Reading> batch;
            for (std::size_t p = 0; p < 3; ++p) {
                double busbar = 0.0;
                for (std::size_t f = 0; f < 3; ++f) {
                    const double kw = honest_kw(f, p, slot_);
                    busbar += kw;
                    const double noise = (0.005 * kw + 0.05) *
                                         load_noise.normal(f * 3 + p, static_cast<std::uint64_t>(slot_), 2);
                    batch.push_back(
                        reading("F-" + std::to_string(f + 1), phases[p], at, alter(f, p, kw + noise)));
                }
                batch.push_back(reading("S-1", phases[p], at, alter(3, p, busbar)));
            }
            std::vector<telemetry::Reading> scratch;
            monitor_->ingest(corrections_->apply(batch, scratch), clock_.now());
            trust_->tick();
        }
        settle();
    }
    telemetry::Reading reading(const std::string& id, grid::Phase phase, UtcTime at, double kw) {
        return {.value = kw,
                .interval_start = at,
                .interval_end = at + minutes{10},
                .point = registry_->intern({id, grid::Quantity::p_kw, phase}),
                .source = registry_->intern_source("test")};
    }
    [[nodiscard]] bool is_distrusted(const std::string& id) const {
        return monitor_->view(registry_->find(id, grid::Quantity::p_kw, grid::Phase::l1))
            .distrusted.has_value();
    }
    [[nodiscard]] std::size_t entries(const std::string& type) const {
        return static_cast<std::size_t>(std::count_if(
            entries_.begin(), entries_.end(), [&](const audit::Entry& entry) { return entry.type == type; }));
    }
    template <class T>
    Result<T> run(Awaitable<Result<T>> work) {
        std::optional<Result<T>> out;
        spawn(context_.get_executor(),
              [](Awaitable<Result<T>> inner, std::optional<Result<T>>& into) -> Awaitable<void> {
                  into = co_await std::move(inner);
              }(std::move(work), out));
        for (int i = 0; i < 2000 && !out; ++i) {
            context_.restart();
            context_.run_for(std::chrono::milliseconds{5});
        }
        return out ? std::move(*out) : Result<T>(Error{Errc::timeout, "no answer"});
    }

    static Caller engineer() {
        return {.id = "op-1", .kind = "user", .role = "operator", .ip = {}, .reason = "seen on site"};
    }

    test::Folder folder_;
    asio::io_context context_{1};
    VirtualClock clock_{midnight};
    ManualWallClock wall_{midnight};
    grid::Network network_;
    std::unique_ptr<audit::Log> log_;
    std::unique_ptr<audit::BlobStore> blobs_;
    std::unique_ptr<RecordStore> records_;
    std::unique_ptr<Journal> journal_;
    std::vector<audit::Entry> entries_;
    std::unique_ptr<telemetry::PointRegistry> registry_;
    std::unique_ptr<monitor::Monitor> monitor_;
    std::unique_ptr<TrustCorrections> corrections_;
    std::unique_ptr<TrustMonitoring> trust_;
    int slot_ = 0;
};

/// The readings of feeder 2 (F-2) at 0.6 of what flows.
double less(std::size_t meter, std::size_t, double kw) {
    return meter == 1 ? 0.6 * kw : kw;
}
double reversed(std::size_t meter, std::size_t, double kw) {
    return meter == 2 ? -kw : kw;
}

TEST_F(TrustMonitoringTest, ALyingMeterIsKeptApartWhileItLiesAndTheLogSaysSo) {
    send(3 * slots_a_day);
    EXPECT_TRUE(trust_->incidents().empty());
    ASSERT_EQ(trust_->places().size(), 1U);
    EXPECT_EQ(trust_->places().front().state(), WatchState::watching);

    send(12, less);
    ASSERT_EQ(trust_->incidents().size(), 1U);
    const TrustIncident incident = trust_->incidents().begin()->second;
    EXPECT_TRUE(incident.is_open());
    EXPECT_EQ(incident.kind, trust::IncidentKind::tampering);
    EXPECT_EQ(incident.place, "S-1");
    EXPECT_EQ(incident.meter, "F-2");
    EXPECT_EQ(incident.evidence.layer, trust::Layer::balance);
    EXPECT_TRUE(is_distrusted("F-2"));
    EXPECT_FALSE(is_distrusted("F-1"));
    EXPECT_GE(entries("trust.incident.opened"), 1U);

    send(30);
    EXPECT_FALSE(trust_->incidents().begin()->second.is_open());
    EXPECT_FALSE(is_distrusted("F-2"));
    EXPECT_EQ(entries("trust.incident.closed"), 1U);
}

TEST_F(TrustMonitoringTest, AnOperatorWhoBelievesTheMeterHasPeaceForADay) {
    send(3 * slots_a_day);
    send(12, less);
    ASSERT_EQ(trust_->incidents().size(), 1U);
    const std::string id = trust_->incidents().begin()->first;
    Caller silent = engineer();
    silent.reason.clear();
    EXPECT_EQ(run(trust_->dismiss(id, silent)).error().code, Errc::invalid);
    const Result<TrustIncident> done = run(trust_->dismiss(id, engineer()));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->closed_by, "op-1");
    EXPECT_FALSE(is_distrusted("F-2"));
    EXPECT_EQ(run(trust_->dismiss(id, engineer())).error().code, Errc::conflict);
    EXPECT_EQ(run(trust_->dismiss("T-none", engineer())).error().code, Errc::not_found);
    send(30, less);
    EXPECT_EQ(trust_->incidents().size(), 1U);
}

TEST_F(TrustMonitoringTest, AProposedCorrectionIsAppliedByAPersonSurvivesARestartAndGoesBack) {
    send(2 * slots_a_day, reversed);
    ASSERT_EQ(trust_->incidents().size(), 1U);
    const TrustIncident incident = trust_->incidents().begin()->second;
    EXPECT_EQ(incident.kind, trust::IncidentKind::commissioning);
    EXPECT_EQ(incident.meter, "F-3");
    const Result<MeterCorrection> proposal = trust_->proposal_of(incident.id);
    ASSERT_TRUE(proposal);
    EXPECT_LT(monitor_->view(registry_->find("F-3", grid::Quantity::p_kw, grid::Phase::l1)).raw_kw, 0.0)
        << "nothing is corrected by itself";

    const Result<MeterCorrection> applied = run(trust_->apply(*proposal, engineer()));
    ASSERT_TRUE(applied) << applied.error().message;
    EXPECT_FALSE(trust_->incidents().at(incident.id).is_open());
    EXPECT_EQ(run(trust_->apply(*proposal, engineer())).error().code, Errc::conflict);
    send(6, reversed);
    const telemetry::PointRef point = registry_->find("F-3", grid::Quantity::p_kw, grid::Phase::l1);
    EXPECT_GT(monitor_->view(point).load_kw, 0.0);
    EXPECT_GT(monitor_->period_mean_kw(point, midnight + hours{12}), 0.0)
        << "and what forecasts are made from";
    EXPECT_FALSE(is_distrusted("F-3"));
    const std::vector<store::SeriesBlock> raw = corrections_->collect(clock_.now() + hours{1});
    ASSERT_FALSE(raw.empty());
    EXPECT_EQ(raw.front().key.substr(0, 4), "F-3/");
    EXPECT_TRUE(raw.front().key.ends_with("/raw"));
    EXPECT_LT(raw.front().values.front(), 0.0F) << "as the meter has it";

    begin();
    ASSERT_EQ(trust_->corrections().size(), 1U);
    EXPECT_EQ(trust_->corrections().begin()->second.meter, "F-3");
    send(1, reversed);
    EXPECT_GT(monitor_->view(registry_->find("F-3", grid::Quantity::p_kw, grid::Phase::l1)).load_kw, 0.0);

    ASSERT_TRUE(run(trust_->revert(applied->id, engineer())));
    send(1, reversed);
    EXPECT_LT(monitor_->view(registry_->find("F-3", grid::Quantity::p_kw, grid::Phase::l1)).raw_kw, 0.0);
    EXPECT_EQ(run(trust_->revert(applied->id, engineer())).error().code, Errc::not_found);
    EXPECT_EQ(entries("trust.correction.applied"), 1U);
    EXPECT_EQ(entries("trust.correction.reverted"), 1U);
}

TEST_F(TrustMonitoringTest, AnOpenIncidentOutlivesARestart) {
    send(3 * slots_a_day);
    send(12, less);
    ASSERT_TRUE(is_distrusted("F-2"));
    begin();
    ASSERT_EQ(trust_->incidents().size(), 1U);
    EXPECT_TRUE(trust_->incidents().begin()->second.is_open());
    send(1, less);
    trust_->align_marks();
    EXPECT_TRUE(is_distrusted("F-2"));
}

TEST(MeterCorrection, GoesThroughJsonAndBackAndHasAnInverse) {
    const MeterCorrection correction{.id = "C-1",
                                     .meter = "F-1",
                                     .kind = trust::CommissioningKind::phase_order,
                                     .factor = {-1.0, 1000.0, 0.001},
                                     .order = {1, 2, 0},
                                     .applied_at = midnight};
    const Result<MeterCorrection> back = correction_from_json(to_json(correction));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->factor, correction.factor);
    EXPECT_EQ(back->order, correction.order);
    const std::array<double, 3> kw{1.0, 2.0, 3.0};
    const std::array<double, 3> there = corrected(correction, kw);
    EXPECT_EQ(there, (std::array<double, 3>{-2.0, 3000.0, 0.001}));
    const std::array<double, 3> again = corrected(correction.inverse(), there);
    for (std::size_t p = 0; p < 3; ++p) {
        EXPECT_NEAR(again[p], kw[p], 1e-9);
    }
    json::Value broken = to_json(correction);
    broken.as_object()->set("order", json::Array{std::int64_t{0}, std::int64_t{0}, std::int64_t{1}});
    EXPECT_EQ(correction_from_json(broken).error().code, Errc::corrupt);
}

TEST(SlotGatherer, HandsOnWholeSlotsAtOnceAndPartsWhenTheNextBegins) {
    SlotGatherer gatherer(2);
    const auto view = [](UtcTime at, double kw) {
        monitor::PointView out;
        out.readings = 1;
        out.raw_at = at;
        out.raw_kw = kw;
        return out;
    };
    UtcTime at = midnight;
    for (int i = 0; i < 6; ++i, at += minutes{30}) {
        static_cast<void>(gatherer.look({view(at, 1.0), view(at, 2.0)}));
    }
    EXPECT_EQ(gatherer.slot(), minutes{30});
    const auto whole = gatherer.look({view(at, 3.0), view(at, 4.0)});
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->start, at);
    EXPECT_EQ(whole->kw, (std::vector<double>{3.0, 4.0}));
    EXPECT_FALSE(gatherer.look({view(at, 3.0), view(at, 4.0)})) << "once";
    EXPECT_FALSE(gatherer.look({view(at + minutes{30}, 5.0), view(at, 4.0)})) << "one is still missing";
    const auto part = gatherer.look({view(at + minutes{120}, 6.0), view(at, 4.0)});
    ASSERT_TRUE(part);
    EXPECT_EQ(part->kw[0], 5.0);
    EXPECT_TRUE(std::isnan(part->kw[1]));
    const auto later = gatherer.look({view(at + minutes{120}, 6.0), view(at + minutes{120}, 7.0)});
    ASSERT_TRUE(later);
    EXPECT_EQ(later->missed, 2U);
}

TEST_F(TrustMonitoringTest, ADeliveryInDoubtWaitsForAPersonAndIsOpenedOnce) {
    const trust::Evidence evidence{
        .meter = "D-1", .statistic = 6.0, .threshold = 3.0, .confidence = 0.8, .detail = "D-1 took more"};
    const auto doubt = [&] {
        return trust_->doubt_delivery("ev-1", "F-1", "D-1", trust::IncidentKind::baseline_inflation,
                                      evidence);
    };
    std::vector<std::string> heard;
    trust_->on_dismissed([&](const TrustIncident& incident) { heard.push_back(incident.event); });
    EXPECT_TRUE(doubt());
    EXPECT_TRUE(doubt());
    settle();
    EXPECT_EQ(entries("trust.incident.opened"), 1U);
    EXPECT_FALSE(trust_->incidents().begin()->second.is_distrusting) << "load is still believed";

    begin();  // after a restart it is still in doubt
    trust_->on_dismissed([&](const TrustIncident& incident) { heard.push_back(incident.event); });
    EXPECT_TRUE(doubt());
    const std::string id = trust_->incidents().begin()->first;
    ASSERT_TRUE(run(trust_->dismiss(
        id, {.id = "ann", .kind = "user", .role = "engineer", .ip = {}, .reason = "seen on site"})));
    EXPECT_EQ(heard, std::vector<std::string>{"ev-1"});
    EXPECT_FALSE(doubt()) << "a person has let it pass";
    EXPECT_TRUE(
        trust_->doubt_delivery("ev-2", "F-1", "D-1", trust::IncidentKind::baseline_inflation, evidence))
        << "of another event it is a new question";
}

}  // namespace
}  // namespace headroom::agents
