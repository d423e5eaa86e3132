#include "app/live_feeds.hpp"

#include "app/feed_sources.hpp"
#include "app/live_values.hpp"
#include "app/ukpn_pages.hpp"
#include "core/log.hpp"

#include <utility>

namespace headroom::app {
namespace {

/// The service with its client; used on the feeds' own thread.
class UkpnReader {
  public:
    UkpnReader(const FeedsSettings& settings, const std::filesystem::path& cache)
        : source_(feed_source(settings, "ukpn")),
          http_(feeds_http(settings)),
          wall_(make_system_wall_clock()),
          client_(feed_client_parts(*http_, *wall_), feeds::FeedCache(cache)) {}

    /// Every page. An old answer is no answer here: a cut that was mended must not stand for ever.
    template <class T>
    Result<agents::NetworkRecords<T>> read(
        const std::function<Result<feeds::FeedRequest>(std::size_t offset)>& page,
        const std::function<Result<feeds::FeedValues<T>>(std::string_view body, std::size_t offset)>&
            decode) {
        Result<UkpnPages<T>> pages = read_ukpn_pages<T>(client_, source_, page, decode);
        if (!pages) {
            return pages.error();
        }
        if (!pages->stale_because.empty()) {
            return Error{Errc::unavailable, pages->stale_because};
        }
        return agents::NetworkRecords<T>{.values = std::move(pages->values),
                                         .faults = std::move(pages->faults),
                                         .faults_total = pages->faults_total,
                                         .origin = std::move(pages->origin)};
    }

  private:
    feeds::FeedSource source_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<WallClock> wall_;
    feeds::FeedClient client_;
};

std::unique_ptr<agents::NetworkFeeds> open_network_feeds(const FeedsSettings& settings, ControlRoom& room) {
    if (settings.ukpn_api_key.empty()) {
        return nullptr;
    }
    auto reader = std::make_shared<UkpnReader>(settings, room.data_dir() / "feeds");
    const desk::Parts& parts = room.desk().parts();
    agents::FlexOrchestration& orchestration = room.orchestration();
    log::info("power cuts, ratings and bought flexibility are taken from UK Power Networks",
              {{"url", settings.ukpn_url}, {"every_min", std::to_string(settings.max_age_min)}});
    auto feeds = std::make_unique<agents::NetworkFeeds>(
        agents::NetworkFeeds::Parts{
            room.context().get_executor(), room.clock(), room.wall(), parts.network, orchestration.states(),
            [&orchestration](std::string element, grid::StateEntry entry, Caller caller) {
                return orchestration.set_state(std::move(element), std::move(entry), std::move(caller));
            },
            parts.adopt_grid,
            [reader] {
                return reader->read<feeds::ukpn::LiveFault>(feeds::ukpn::live_faults,
                                                            feeds::ukpn::decode_live_faults);
            },
            [reader] {
                return reader->read<feeds::ukpn::PrimarySite>(feeds::ukpn::primary_sites,
                                                              feeds::ukpn::decode_primary_sites);
            },
            [reader](UtcTime from) {
                return reader->read<feeds::ukpn::FlexibilityDispatch>(
                    [from](std::size_t offset) { return feeds::ukpn::flexibility_dispatches(from, offset); },
                    feeds::ukpn::decode_dispatches);
            },
            [&room](std::vector<store::SeriesBlock> blocks) { room.series().post(std::move(blocks)); }},
        minutes{settings.max_age_min});
    feeds->start();
    return feeds;
}

}  // namespace

LiveFeeds& LiveFeeds::open(const FeedsSettings& settings, ControlRoom& room) {
    LiveFeeds& feeds = *new LiveFeeds();
    desk::Feeds& desk = room.feeds();
    feeds.values_ = open_public_feeds(settings, room);
    if (feeds.values_) {
        desk.set_live();
        desk.add([&values = *feeds.values_] { return values.standing(); });
    }
    feeds.network_ = open_network_feeds(settings, room);
    if (feeds.network_) {
        desk.add([&network = *feeds.network_] { return network.standing(); });
    } else {
        for (const auto& [id, reaches] :
             {std::pair{"ukpn_live_faults", "operational states"},
              std::pair{"ukpn_primary_sites", "limits of substations"},
              std::pair{"ukpn_dispatches", "histories behind forecasts and scenarios"}}) {
            desk.add_off(id, reaches, "there is no key. Remedy: set feeds.ukpn_api_key");
        }
    }
    return feeds;
}

void LiveFeeds::stop() {
    if (values_) {
        values_->stop();
    }
    if (network_) {
        network_->stop();
    }
}

}  // namespace headroom::app
