#include "app/provider_house.hpp"

#include "beckn/key_id.hpp"
#include "beckn/signature_verify.hpp"
#include "core/settings.hpp"
#include "sim/provider_fault_file.hpp"
#include "sim/provider_near.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>

namespace headroom::app {
namespace {

/// What a file, or the world in its place, makes of the providers.
struct Shelves {
    std::string title;
    std::vector<sim::ProviderSpec> specs;
    sim::Catalogue catalogue;
    sim::WindowCatalogue windows;
};

Result<Shelves> shelves_from(std::string_view toml, const std::string& file) {
    Result<sim::ProviderList> list = sim::read_provider_list(toml, file);
    if (!list) {
        return list.error();
    }
    const auto shared = std::make_shared<const sim::ProviderList>(std::move(*list));
    sim::Catalogue listed = sim::catalogue_of(shared);
    return Shelves{shared->title, sim::specs_of(*shared),
                   sim::with_assets_near(std::move(listed), shared, sim::locate_in_london),
                   sim::windows_of(shared)};
}

Shelves shelves_of(std::shared_ptr<sim::World> world) {
    std::vector<sim::ProviderSpec> specs = world->providers();
    sim::Catalogue catalogue = [world](const std::string& provider, const std::string& feeder, UtcTime from,
                                       UtcTime to) { return world->offers(provider, feeder, from, to); };
    return {"DERs of a simulated world", std::move(specs), std::move(catalogue), {}};
}

}  // namespace

Result<sim::KnownBuyer> parse_buyer(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == '|') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    if (parts.size() < 3 || parts.size() > 4 || parts[0].empty() || parts[1].empty()) {
        return Error{Errc::invalid, "key '" + text + "' is not SUBSCRIBER|KEY ID|PUBLIC KEY[|URL]"};
    }
    const Result<Ed25519PublicKey> key = beckn::parse_ed25519_key(parts[2]);
    if (!key) {
        return Error{Errc::invalid, "the key of " + parts[0] + ": " + key.error().message};
    }
    return sim::KnownBuyer{.subscriber_id = parts[0],
                           .key_id = parts[1],
                           .public_key = *key,
                           .url = parts.size() > 3 ? parts[3] : std::string()};
}

Result<agents::CatalogService> parse_service(const std::string& text, beckn::WireVersion wire) {
    const Result<sim::KnownBuyer> known = parse_buyer(text);
    if (!known) {
        return known.error();
    }
    if (!net::parse_url(known->url)) {
        return Error{Errc::invalid, "service '" + text + "' is not SUBSCRIBER|KEY ID|PUBLIC KEY|URL"};
    }
    agents::CatalogService service{.subscriber_id = known->subscriber_id, .url = known->url, .keys = {}};
    service.keys.push_back(
        {.subscriber = known->subscriber_id, .key = known->key_id, .signing = known->public_key});
    service.wire = wire == beckn::WireVersion::v2_rc1 ? wire : beckn::WireVersion::v2_lts;
    return service;
}

ProviderHouse::~ProviderHouse() {
    publications_.clear();
    providers_.reset();  // before what it refers to
}

Result<std::unique_ptr<ProviderHouse>> ProviderHouse::open(asio::io_context& context,
                                                           ProviderHouseOptions options) {
    std::unique_ptr<ProviderHouse> house(new ProviderHouse(std::move(options)));
    house->executor_ = context.get_executor();
    house->wall_ = make_system_wall_clock();
    if (house->options_.clock == nullptr) {
        house->clock_ = make_system_clock(context);
        house->options_.clock = house->clock_.get();
    }
    if (const Result<void> book = house->open_book(); !book) {
        return book.error();
    }
    if (const Result<void> opened = house->open_providers(context); !opened) {
        return opened.error();
    }
    return house;
}

void ProviderHouse::mount(net::HttpServer& server, const std::string& prefix) {
    providers_->mount(server, prefix);
    net::RouteOptions route;
    route.role = "peer";
    server.route(
        "POST", prefix + "/{provider}/catalog/on_publish",
        [this](net::Request request) -> Awaitable<net::Response> { return on_published(std::move(request)); },
        std::move(route));
}

/// Each provider publishes for itself, under its own name and key.
void ProviderHouse::publish(const std::vector<agents::CatalogService>& services) {
    for (const sim::ProviderAddress& address : providers_->addresses()) {
        for (const agents::CatalogService& service : services) {
            const std::string id = address.id;
            auto catalogs = [this, id] {
                std::vector<beckn::Catalog> all;
                if (Result<beckn::Catalog> one = providers_->catalog_of(id)) {
                    all.push_back(std::move(*one));
                }
                return all;
            };
            const Result<beckn::Catalog> now = providers_->catalog_of(id);
            publications_.push_back(
                {id, std::make_unique<agents::CatalogPublisher>(
                         agents::CatalogPublisher::Parts{
                             executor_,
                             *options_.clock,
                             *wall_,
                             *http_,
                             {address.subscriber_id, address.key_id, sim::provider_key(options_.seed, id)},
                             nullptr,
                             std::move(catalogs),
                             {}},
                         service,
                         agents::CatalogPublisherOptions{
                             .url = now ? now->bpp_uri : address.url, .domain = {}, .ttl = options_.ttl})});
            publications_.back().publisher->look();
        }
    }
    // Behind what is being done: an order does not wait for a catalogue.
    providers_->on_change([this](const std::string& provider) {
        asio::post(executor_, [this, provider] {
            for (const Publication& one : publications_) {
                if (one.provider == provider) {
                    one.publisher->look();
                }
            }
        });
    });
}

bool ProviderHouse::is_published() const {
    return std::all_of(publications_.begin(), publications_.end(), [](const Publication& one) {
        return one.publisher->idle() && one.publisher->status().is_answered;
    });
}

Awaitable<net::Response> ProviderHouse::on_published(net::Request request) {
    const std::string provider = request.path_parameter("provider");
    const std::vector<beckn::KeyId> ids =
        beckn::key_ids_of({.authorization = request.headers.get("Authorization"), .body = {}});
    for (const Publication& one : publications_) {
        const bool is_its = !ids.empty() && one.publisher->status().service == ids.front().subscriber;
        if (one.provider == provider && is_its) {
            co_return co_await one.publisher->on_published(std::move(request));
        }
    }
    co_return net::problem(404, "Not Found", "nothing is published there");
}

Result<void> ProviderHouse::open_book() {
    const std::filesystem::path& folder = options_.data_dir;
    std::error_code fault;
    std::filesystem::create_directories(folder, fault);
    if (fault) {
        return Error{Errc::unavailable,
                     "the folder " + folder.string() + " cannot be made: " + fault.message()};
    }
    Result<std::unique_ptr<store::Records>> records = store::open_sqlite_records(folder / "providers.db");
    if (!records) {
        return records.error();
    }
    records_ = std::move(*records);
    Result<std::unique_ptr<store::AheadFile>> ahead =
        store::AheadFile::open(folder / "providers.ahead", *records_);
    if (!ahead) {
        return ahead.error();
    }
    ahead_ = std::move(*ahead);
    return {};
}

Result<void> ProviderHouse::open_providers(asio::io_context& context) {
    sim::FaultFile faults;
    if (!options_.faults.empty()) {
        const Result<std::string> text = read_settings_file(options_.faults, provider_file_bytes_max);
        if (!text) {
            return text.error();
        }
        Result<sim::FaultFile> read = sim::read_fault_file(*text, options_.faults.string());
        if (!read) {
            return read.error();
        }
        faults = std::move(*read);
    }
    for (const std::string& text : options_.fault_rules) {
        const Result<std::vector<sim::FaultRule>> rules = sim::parse_fault_rule(text);
        if (!rules) {
            return rules.error();
        }
        for (const sim::FaultRule& rule : *rules) {
            faults.faults.push_back({"", rule});
        }
    }
    Shelves shelves;
    if (options_.catalogue == "sim") {
        sim::WorldOptions world;
        world.seed = options_.seed;
        world.start = std::chrono::floor<std::chrono::days>(options_.clock->now()) +
                      (options_.clock->now() - std::chrono::floor<std::chrono::days>(options_.clock->now())) /
                          period_length * period_length;
        world_ = std::make_shared<sim::World>(world);
        shelves = shelves_of(world_);
    } else {
        std::string file = "the built-in catalogue";
        std::string text(sim::built_in_provider_list());
        if (!options_.catalogue.empty()) {
            file = options_.catalogue;
            Result<std::string> read = read_settings_file(file, provider_file_bytes_max);
            if (!read) {
                return read.error();
            }
            text = std::move(*read);
        }
        Result<Shelves> listed = shelves_from(text, file);
        if (!listed) {
            return listed.error();
        }
        shelves = std::move(*listed);
    }
    title_ = shelves.title;
    for (sim::ProviderSpec& spec : shelves.specs) {
        spec.wire = options_.wire;
    }
    if (const Result<void> applied = sim::apply_faults(faults, shelves.specs); !applied) {
        return applied;
    }
    net::ClientSettings client;
    client.allow_private = options_.allow_private;
    http_ = std::make_unique<net::HttpClient>(context.get_executor(), std::move(client));
    sim::ProviderSimOptions sim;
    sim.seed = options_.seed;
    if (!options_.has_seed) {
        sim.fault_seed = faults.seed;
    }
    sim.quote_ttl = options_.quote_ttl;
    sim.ttl = options_.ttl;
    sim.buyers = options_.buyers;
    sim.gateways = options_.gateways;
    sim.windows = std::move(shelves.windows);
    sim.public_url = options_.public_url;
    sim.reach = options_.reach;
    sim.is_open = options_.is_open;
    sim.crash = options_.crash;
    providers_ = std::make_unique<sim::ProviderSim>(
        sim::ProviderSim::Parts{context.get_executor(), *options_.clock, *wall_, in_flight_, *http_,
                                *records_, ahead_.get()},
        std::move(sim), std::move(shelves.specs), std::move(shelves.catalogue));
    return providers_->recover();
}

}  // namespace headroom::app
