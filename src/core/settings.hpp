#pragma once

#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/reflect_json.hpp"
#include "core/result.hpp"
#include "core/settings_feeds.hpp"
#include "core/settings_forecast.hpp"
#include "core/settings_iec104.hpp"
#include "core/settings_monitor.hpp"
#include "core/settings_series.hpp"
#include "core/settings_services.hpp"
#include "core/settings_sources.hpp"
#include "core/settings_tree.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom {

struct ServerSettings {
    std::string host = "127.0.0.1";
    std::int64_t port = 8000;
    std::int64_t max_body_bytes = 4'194'304;
    std::int64_t max_header_bytes = 16'384;
    std::int64_t idle_timeout_s = 60;
    std::int64_t max_connections = 4'096;
    std::vector<std::string> cors_origins;
    std::vector<std::string> names;
    bool behind_https = false;
};

struct DataSettings {
    std::string dir = "headroom-data";
};

struct LogSettings {
    log::Level level = log::Level::info;
};

struct MqttSettings {
    std::string url;
    std::string prefix = "headroom/v1";
};

struct ProviderSettings {
    Id<struct ProviderTag> id;
    std::string url;
    std::string subscriber_id;
    std::string public_key;
    std::string key_id;
    std::string dialect = "1.1";
    std::string signature;
    std::string sells = "flexibility";
};

/// What becomes of contracts when others of the same plan failed or committed less.
enum class PartialChoice { keep, top_up, compensate };
[[nodiscard]] std::string_view to_string(PartialChoice choice);

struct BecknSettings {
    std::string subscriber_id;
    std::string key_id;
    std::string domain = "deg:flexibility";
    std::vector<ProviderSettings> providers;
    std::string registry_url;
    std::string registry_kind = "lookup";
    std::vector<std::string> registry_networks;
    std::string key_file;
    std::int64_t search_window_ms = 1'500;
    std::int64_t ttl_s = 30;
    bool strict_ttl = false;
    std::int64_t enough_percent = 0;
    PartialChoice when_partial = PartialChoice::top_up;
    std::int64_t partial_least_percent = 50;
    std::string api_key;
    std::string api_key_file;
};

struct RiskSettings {
    double alarm_quantile = 0.0;
    double missed_overload_gbp_per_kwh = 2.25;
    double needless_purchase_gbp_per_kwh = 0.25;
    std::int64_t live_persistence = 2;
    std::int64_t live_window = 3;
    double instant_loading = 1.3;
    double clear_loading = 0.97;
    std::int64_t clear_readings = 3;
    std::int64_t live_horizon_periods = 2;
    std::int64_t forecast_horizon_periods = 12;
};

/// How far Headroom goes by itself where nobody has granted more.
enum class StartLevel { shadow, propose, act };
[[nodiscard]] std::string_view to_string(StartLevel level);

struct AuthoritySettings {
    StartLevel level = StartLevel::shadow;
};

/// Everything that can be set from outside. Defaults suit one computer and act on nothing.
struct Settings {
    ServerSettings server;
    DataSettings data;
    LogSettings log;
    MqttSettings mqtt;
    BecknSettings beckn;
    RiskSettings risk;
    MonitorSettings monitor;
    AuthoritySettings authority;
    LlmSettings llm;
    ScenarioSettings scenario;
    RulesSettings rules;
    FeedsSettings feeds;
    StoreSettings store;
    SeriesSettings series;
    InfluxSettings influx;
    MqttReadingsSettings mqtt_readings;
    KafkaSettings kafka;
    SnapshotsSettings snapshots;
    ForecastSettings forecast;
    Iec104SourceSettings iec104;
};

/// Reads a small file whole. Errors: `not_found`, `unavailable`, `invalid` when it is longer than allowed.
using ReadSmallFile =
    std::function<Result<std::string>(const std::filesystem::path& path, std::size_t bytes_max)>;
[[nodiscard]] Result<std::string> read_settings_file(const std::filesystem::path& path,
                                                     std::size_t bytes_max);

/// What is laid over the defaults. From strongest to weakest: flags, HEADROOM_SECTION__KEY, plain names
/// (`plain_setting_names`), the .env file, `file`, `user_files`.
struct SettingsSources {
    std::optional<std::filesystem::path> file = std::nullopt;      ///< TOML; must be there
    std::map<std::string, std::string> environment = {};           ///< all variables; others are passed over
    std::vector<std::string> flags = {};                           ///< "section.key=value"
    std::optional<std::filesystem::path> env_file = std::nullopt;  ///< must be there
    /// Files that may be absent, weakest first: /etc/headroom/config.toml and the user's own.
    std::vector<std::filesystem::path> user_files = {};
    /// Read when `env_file` is not given; may be absent.
    std::optional<std::filesystem::path> usual_env_file = std::nullopt;
    ReadSmallFile read_file = read_settings_file;
};

/// The sources of a process: its environment, `.env` in its working directory, the system's and the user's
/// settings file.
[[nodiscard]] SettingsSources process_sources();
/// The same for a given environment.
[[nodiscard]] SettingsSources sources_of(std::map<std::string, std::string> environment);

/// A name that users have in their environment already, and the setting it stands for.
struct PlainSettingName {
    std::string_view variable;
    std::string_view key;
};
inline constexpr std::array plain_setting_names{
    PlainSettingName{"BECKN_API_KEY", "beckn.api_key"},
    PlainSettingName{"CARBON_API_KEY", "feeds.carbon_api_key"},
    PlainSettingName{"DATABASE_URL", "store.database_url"},
    PlainSettingName{"GOOGLE_API_KEY", "llm.google_api_key"},
    PlainSettingName{"OPENAI_API_KEY", "llm.openai_api_key"},
    PlainSettingName{"ANTHROPIC_API_KEY", "llm.anthropic_api_key"},
    PlainSettingName{"OPENWEATHERMAP_API_KEY", "feeds.openweathermap_api_key"},
    PlainSettingName{"PORT", "server.port"},
};

struct LoadedSettings {
    Settings settings;
    /// For every key where its value came from: "default", "headroom.toml:12:3", "environment
    /// HEADROOM_SERVER__PORT", ".env:3", "flag …"; a secret from a file names file and key.
    std::map<std::string, std::string> origins;
    /// Settings that somebody set and no part of this version reads, as sentences for the user.
    std::vector<std::string> notes;
};

/// The settings, or everything that is wrong with them; never both.
struct SettingsCheck {
    std::optional<LoadedSettings> loaded;
    std::vector<SettingsFault> faults;
};

/// Lays defaults and `sources` over one another, the stronger ones winning. Reads the files that the sources
/// and `…_file` settings name, nothing else.
[[nodiscard]] SettingsCheck check_settings(const SettingsSources& sources);
/// The same with the text of `sources.file` at hand, called `name`, for tests and fuzzing.
[[nodiscard]] SettingsCheck check_settings_text(std::string_view toml, const std::string& name,
                                                const SettingsSources& sources);
/// As `check_settings`. Errors: `invalid`, one line per fault.
[[nodiscard]] Result<LoadedSettings> load_settings(const SettingsSources& sources);
/// The process's environment, as `SettingsSources` wants it.
[[nodiscard]] std::map<std::string, std::string> process_environment();

template <>
struct EnumValues<PartialChoice> {
    static constexpr std::array all{PartialChoice::keep, PartialChoice::top_up, PartialChoice::compensate};
};
template <>
struct EnumValues<StartLevel> {
    static constexpr std::array all{StartLevel::shadow, StartLevel::propose, StartLevel::act};
};
template <>
struct EnumValues<log::Level> {
    static constexpr std::array all{log::Level::debug, log::Level::info, log::Level::warn, log::Level::error};
};

template <>
struct Fields<ServerSettings> {
    static constexpr std::string_view name = "ServerSettings";
    static constexpr auto table = field_table(
        field("host", &ServerSettings::host,
              "Address to listen on. Another than loopback opens the control room to the network.",
              {.minimum = 1, .maximum = 255, .required = false, .example = "\"127.0.0.1\""}),
        field("port", &ServerSettings::port, "TCP port; 0 takes a free one and prints it.",
              {.minimum = 0, .maximum = 65'535, .required = false, .example = "8000"}),
        field("max_body_bytes", &ServerSettings::max_body_bytes, "Largest request body taken.",
              {.unit = "B", .minimum = 1'024, .maximum = 67'108'864, .required = false}),
        field("max_header_bytes", &ServerSettings::max_header_bytes, "Largest request header taken.",
              {.unit = "B", .minimum = 1'024, .maximum = 1'048'576, .required = false}),
        field("idle_timeout_s", &ServerSettings::idle_timeout_s, "A connection silent for so long is closed.",
              {.unit = "s", .minimum = 1, .maximum = 86'400, .required = false}),
        field("max_connections", &ServerSettings::max_connections, "Connections open at one time.",
              {.minimum = 1, .maximum = 1'000'000, .required = false}),
        field("cors_origins", &ServerSettings::cors_origins,
              "Pages of other origins that may use the API, as exact origins.",
              {.maximum = 64, .required = false, .example = "[\"https://screens.example\"]"}),
        field("names", &ServerSettings::names,
              "Host names, besides localhost, under which a proxy on this computer makes the server known.",
              {.maximum = 64, .required = false, .example = "[\"room.example\"]"}),
        field(
            "behind_https", &ServerSettings::behind_https,
            "A proxy on this computer ends TLS: cookies are sent over https only, and the last entry of its "
            "X-Forwarded-For is taken as the caller's address.",
            {.required = false}));
};
template <>
struct Fields<DataSettings> {
    static constexpr std::string_view name = "DataSettings";
    static constexpr auto table = field_table(field(
        "dir", &DataSettings::dir, "Folder of everything that is kept: audit log, records, series, keys.",
        {.minimum = 1, .maximum = 4'096, .required = false, .example = "\"/var/lib/headroom\""}));
};
template <>
struct Fields<LogSettings> {
    static constexpr std::string_view name = "LogSettings";
    static constexpr auto table = field_table(
        field("level", &LogSettings::level, "Lines below this level are not written.", {.required = false}));
};
template <>
struct Fields<MqttSettings> {
    static constexpr std::string_view name = "MqttSettings";
    static constexpr auto table =
        field_table(field("url", &MqttSettings::url, "Broker, as mqtt://host:port; empty for none.",
                          {.maximum = 2'048, .required = false, .example = "\"mqtt://127.0.0.1:1883\""}),
                    field("prefix", &MqttSettings::prefix, "First levels of every topic.",
                          {.minimum = 1, .maximum = 256, .required = false}));
};
template <>
struct Fields<ProviderSettings> {
    static constexpr std::string_view name = "ProviderSettings";
    static constexpr auto table = field_table(
        field("id", &ProviderSettings::id, "What we call the provider.", {.example = "\"provider-1\""}),
        field("url", &ProviderSettings::url, "Where its BPP listens, http:// or https://.",
              {.minimum = 8, .maximum = 2'048, .example = "\"https://bpp.example/beckn\""}),
        field("subscriber_id", &ProviderSettings::subscriber_id, "Its name in the network, as it signs.",
              {.minimum = 1, .maximum = 255, .example = "\"bpp.example\""}),
        field("public_key", &ProviderSettings::public_key,
              "Its Ed25519 key, 32 bytes in base64; may be empty where a registry or key file knows it.",
              {.maximum = 44, .required = false}),
        field("key_id", &ProviderSettings::key_id,
              "The id of that key in the network's registry; empty takes any id it signs under.",
              {.maximum = 255, .required = false, .example = "\"k1\""}),
        field("dialect", &ProviderSettings::dialect,
              "The Beckn version in which it is asked: 0.9, 1.1, 2.0-rc1 or 2.0. It is answered in its own.",
              {.maximum = 16, .required = false, .example = "\"1.1\""}),
        field("signature", &ProviderSettings::signature,
              "How it signs: beckn-006, onix-1.8 or nfh-004; empty for what its dialect uses.",
              {.maximum = 16, .required = false, .example = "\"beckn-006\""}),
        field("sells", &ProviderSettings::sells,
              "What it is asked for: flexibility, computing (windows of power for computing), or search: in "
              "1.x a gateway, which hands searches on to providers that a registry knows (needs "
              "registry_url); in 2.0 a discovery service, which answers for many and has our needs.",
              {.maximum = 16, .required = false, .example = "\"flexibility\""}));
};
template <>
struct Fields<BecknSettings> {
    static constexpr std::string_view name = "BecknSettings";
    static constexpr auto table = field_table(
        field("subscriber_id", &BecknSettings::subscriber_id,
              "Our name in the network; needed once a provider is named.",
              {.maximum = 255, .required = false}),
        field("key_id", &BecknSettings::key_id, "The id of our signing key in the network's registry.",
              {.maximum = 255, .required = false}),
        field("domain", &BecknSettings::domain, "The network's word for this market.",
              {.minimum = 1, .maximum = 255, .required = false}),
        field("providers", &BecknSettings::providers, "The providers that are asked.",
              {.maximum = 10'000, .required = false}),
        field(
            "registry_url", &BecknSettings::registry_url,
            "Registry that knows the providers' keys; they may be replaced there. Empty: only public_key and "
            "key_file count.",
            {.maximum = 2'048, .required = false, .example = "\"https://registry.example\""}),
        field("registry_kind", &BecknSettings::registry_kind,
              "How it is asked: lookup (1.x, POST /lookup) or dedi (2.0).",
              {.maximum = 16, .required = false}),
        field("registry_networks", &BecknSettings::registry_networks,
              "A key counts only when it is in one of these networks; none: membership is not looked at.",
              {.maximum = 100, .required = false}),
        field(
            "key_file", &BecknSettings::key_file,
            "File with the providers' keys, as a registry's /lookup answers them; asked before the registry.",
            {.maximum = 4'096, .required = false}),
        field("search_window_ms", &BecknSettings::search_window_ms,
              "How long offers are awaited after a search.",
              {.unit = "ms", .minimum = 1, .maximum = 600'000, .required = false}),
        field("ttl_s", &BecknSettings::ttl_s, "How long a message of ours stays valid.",
              {.unit = "s", .minimum = 1, .maximum = 3'600, .required = false}),
        field("strict_ttl", &BecknSettings::strict_ttl,
              "Refuse an answer that comes after its time to live, instead of taking it as late.",
              {.required = false}),
        field("enough_percent", &BecknSettings::enough_percent,
              "A search ends once offers cover so much of the need in each half-hour; 0 waits for all.",
              {.unit = "%", .minimum = 0, .maximum = 10'000, .required = false}),
        field("when_partial", &BecknSettings::when_partial,
              "When providers fail or commit less than planned: keep what was confirmed, top up from who is "
              "left, or give all back where even that is too little.",
              {.required = false}),
        field("partial_least_percent", &BecknSettings::partial_least_percent,
              "Under compensate: share of the need below which all is given back.",
              {.unit = "%", .minimum = 0, .maximum = 100, .required = false}),
        field("api_key", &BecknSettings::api_key, "Key of a gateway that asks for one.",
              settings_detail::unused_secret()),
        field("api_key_file", &BecknSettings::api_key_file,
              "File that holds api_key, instead of the key itself.", settings_detail::secret_file()));
};
template <>
struct Fields<RiskSettings> {
    static constexpr std::string_view name = "RiskSettings";
    static constexpr auto table = field_table(
        field(
            "alarm_quantile", &RiskSettings::alarm_quantile,
            "The quantile of the forecast that is held against the limit; 0 takes the one that the two costs "
            "ask for.",
            {.minimum = 0, .maximum = 0.95, .required = false}),
        field(
            "missed_overload_gbp_per_kwh", &RiskSettings::missed_overload_gbp_per_kwh,
            "What a kilowatt-hour over the limit costs that nobody foresaw. With the price of a needless one "
            "it sets the alarm's quantile: missed / (missed + needless).",
            {.unit = "£/kWh", .minimum = 0, .maximum = 1'000, .required = false}),
        field("needless_purchase_gbp_per_kwh", &RiskSettings::needless_purchase_gbp_per_kwh,
              "What a kilowatt-hour of relief costs that was not needed.",
              {.unit = "£/kWh", .minimum = 0.0001, .maximum = 1'000, .required = false}),
        field("live_persistence", &RiskSettings::live_persistence,
              "Readings over the limit before a live overload is raised …",
              {.minimum = 1, .maximum = 100, .required = false}),
        field("live_window", &RiskSettings::live_window, "… among this many in a row.",
              {.minimum = 1, .maximum = 100, .required = false}),
        field("instant_loading", &RiskSettings::instant_loading,
              "Loading above which an overload is raised at once, as a share of the limit.",
              {.minimum = 1, .maximum = 10, .required = false}),
        field("clear_loading", &RiskSettings::clear_loading,
              "Loading below which an open overload ends, as a share of the limit.",
              {.minimum = 0.1, .maximum = 1, .required = false}),
        field("clear_readings", &RiskSettings::clear_readings, "Readings below it before the overload ends.",
              {.minimum = 1, .maximum = 100, .required = false}),
        field("live_horizon_periods", &RiskSettings::live_horizon_periods,
              "How long a live overload is taken to last without a forecast.",
              {.unit = "half-hours", .minimum = 1, .maximum = 48, .required = false}),
        field("forecast_horizon_periods", &RiskSettings::forecast_horizon_periods,
              "How far ahead overloads are looked for.",
              {.unit = "half-hours", .minimum = 1, .maximum = 96, .required = false}));
};
template <>
struct Fields<AuthoritySettings> {
    static constexpr std::string_view name = "AuthoritySettings";
    static constexpr auto table = field_table(field(
        "level", &AuthoritySettings::level,
        "shadow decides and sends nothing; propose waits for a person; act acts within what is granted.",
        {.required = false}));
};
template <>
struct Fields<Settings> {
    static constexpr std::string_view name = "Settings";
    static constexpr auto table = field_table(
        field("server", &Settings::server, "The HTTP door.", {.required = false}),
        field("data", &Settings::data, "Where data is kept.", {.required = false}),
        field("log", &Settings::log, "What is logged.", {.required = false}),
        field("mqtt", &Settings::mqtt, "The broker of devices.", {.required = false}),
        field("beckn", &Settings::beckn, "The market network.", {.required = false}),
        field("risk", &Settings::risk, "When an excess counts as an overload.", {.required = false}),
        field("monitor", &Settings::monitor, "How the state of all points is kept.", {.required = false}),
        field("authority", &Settings::authority, "How far Headroom goes by itself.", {.required = false}),
        field("llm", &Settings::llm, "Language models.", {.required = false}),
        field("scenario", &Settings::scenario, "What scenarios are run over.", {.required = false}),
        field("rules", &Settings::rules, "The operator's rules for plans.", {.required = false}),
        field("feeds", &Settings::feeds, "Data from elsewhere: weather, carbon.", {.required = false}),
        field("store", &Settings::store, "Where records are kept.", {.required = false}),
        field("series", &Settings::series, "How long histories are kept.", {.required = false}),
        field("influx", &Settings::influx, "A copy of the histories in an InfluxDB.", {.required = false}),
        field("mqtt_readings", &Settings::mqtt_readings, "Readings from an MQTT broker.",
              {.required = false}),
        field("kafka", &Settings::kafka, "Readings from Kafka.", {.required = false}),
        field("snapshots", &Settings::snapshots, "How often the monitor's state is kept.",
              {.required = false}),
        field("forecast", &Settings::forecast, "The learnt forecasts.", {.required = false}),
        field("iec104", &Settings::iec104, "Stations that send readings by IEC 60870-5-104.",
              {.required = false}));
};

}  // namespace headroom
