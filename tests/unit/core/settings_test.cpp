#include "core/settings.hpp"

#include "core/reflect_schema.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace headroom {
namespace {

std::vector<std::string> sentences(std::string_view toml, const SettingsSources& sources = {}) {
    const SettingsCheck check = check_settings_text(toml, "headroom.toml", sources);
    EXPECT_EQ(check.loaded.has_value(), check.faults.empty());
    std::vector<std::string> lines;
    for (const SettingsFault& fault : check.faults) {
        lines.push_back(fault.sentence());
    }
    return lines;
}
LoadedSettings loaded(std::string_view toml, const SettingsSources& sources = {}) {
    SettingsCheck check = check_settings_text(toml, "headroom.toml", sources);
    for (const SettingsFault& fault : check.faults) {
        ADD_FAILURE() << fault.sentence();
    }
    return check.loaded ? *check.loaded : LoadedSettings{};
}

using Lines = std::vector<std::string>;

TEST(SettingsTest, OriginsAndNamesOfTheDoorAreExact) {
    const LoadedSettings good = loaded(
        "[server]\ncors_origins = [\"https://screens.example\", \"http://localhost:5173\"]\n"
        "names = [\"room.example\"]\nbehind_https = true\n");
    EXPECT_EQ(good.settings.server.cors_origins.size(), 2U);
    EXPECT_TRUE(good.settings.server.behind_https);
    for (const char* origin :
         {"*", "null", "screens.example", "https://screens.example/", "https://*.example"}) {
        EXPECT_EQ(sentences("[server]\ncors_origins = [\"" + std::string(origin) + "\"]\n").size(), 1U)
            << origin;
    }
    EXPECT_EQ(sentences("[server]\nnames = [\"room.example:8000\"]\n").size(), 1U);
}

TEST(SettingsTest, DefaultsActOnNothingAndListenOnLoopback) {
    const SettingsCheck check = check_settings({});
    ASSERT_TRUE(check.loaded.has_value());
    const Settings& settings = check.loaded->settings;
    EXPECT_EQ(settings.server.host, "127.0.0.1");
    EXPECT_EQ(settings.server.port, 8000);
    EXPECT_EQ(settings.server.max_body_bytes, 4'194'304);
    EXPECT_EQ(settings.data.dir, "headroom-data");
    EXPECT_EQ(settings.authority.level, StartLevel::shadow);
    EXPECT_EQ(settings.log.level, log::Level::info);
    EXPECT_EQ(check.loaded->origins.at("server.port"), "default");
    EXPECT_EQ(check.loaded->origins.size(), 151U);  // every key
    EXPECT_TRUE(check.loaded->notes.empty());
}

TEST(SettingsTest, TheMonitorsMemoryAndThreadsAreBounded) {
    const LoadedSettings small = loaded("[monitor]\nshards = 2\nhorizons_per_refresh = 1\nhalf_hours = 54\n");
    EXPECT_EQ(small.settings.monitor.shards, 2);
    EXPECT_EQ(small.settings.monitor.horizons_per_refresh, 1);
    EXPECT_EQ(small.settings.monitor.half_hours, 54);
    EXPECT_EQ(loaded("").settings.monitor.half_hours, 768);
    EXPECT_EQ(sentences("[monitor]\nhalf_hours = 53\nshards = 64\nhorizons_per_refresh = 8\n").size(), 3U);
}

TEST(SettingsTest, FeedsAreReadFromWhereTheyAreToldTo) {
    const LoadedSettings own = loaded("[feeds]\nopen_meteo_url = \"http://127.0.0.1:9000\"\nlat = 52.6\n");
    EXPECT_EQ(own.settings.feeds.open_meteo_url, "http://127.0.0.1:9000");
    EXPECT_EQ(own.settings.feeds.lat, 52.6);
    EXPECT_EQ(sentences("[feeds]\nelexon_url = \"ftp://elexon\"\nneso_url = \"https://x/\"\n"
                        "octopus_gsp_group = \"I\"\n")
                  .size(),
              3U);
    EXPECT_EQ(sentences("[feeds]\nlat = 91.0\n").size(), 1U);
}

TEST(SettingsTest, LaterLayersWinAndEachValueKnowsItsOrigin) {
    const std::string toml =
        "[server]\n"
        "port = 1\n"
        "host = \"0.0.0.0\"\n"
        "idle_timeout_s = 9\n";
    const SettingsSources sources{.file = std::nullopt,
                                  .environment = {{"HEADROOM_SERVER__PORT", "2"},
                                                  {"HEADROOM_SERVER__HOST", "127.0.0.2"},
                                                  {"HEADROOM_AUTHORITY__LEVEL", "propose"},
                                                  {"HOME", "/root"},
                                                  {"HEADROOM_SOMETHING", "else"}},
                                  .flags = {"server.port=3", "risk.alarm_quantile=0.75"}};
    const LoadedSettings all = loaded(toml, sources);
    EXPECT_EQ(all.settings.server.port, 3);
    EXPECT_EQ(all.settings.server.host, "127.0.0.2");
    EXPECT_EQ(all.settings.server.idle_timeout_s, 9);
    EXPECT_EQ(all.settings.authority.level, StartLevel::propose);
    EXPECT_EQ(all.settings.risk.alarm_quantile, 0.75);
    EXPECT_EQ(all.origins.at("server.port"), "flag server.port");
    EXPECT_EQ(all.origins.at("server.host"), "environment HEADROOM_SERVER__HOST");
    EXPECT_EQ(all.origins.at("server.idle_timeout_s"), "headroom.toml:4:1");
    EXPECT_EQ(all.origins.at("server.max_connections"), "default");
}

TEST(SettingsTest, NamesUnknownKeysWithTheirPlaceAndTheNearestName) {
    EXPECT_EQ(sentences("[server]\nprot = 1\n"),
              Lines{"headroom.toml:2:1: server.prot is not a setting; did you mean server.port?"});
    EXPECT_EQ(sentences("[sever]\nport = 1\n"),
              Lines{"headroom.toml:1:2: sever is not a setting; did you mean server?"});
    EXPECT_EQ(sentences("port = 1\n"),
              Lines{"headroom.toml:1:1: port is not a setting; did you mean server.port?"});
    EXPECT_EQ(sentences("[server]\n\"port.x\" = 1\nzzzzzzzzzzzz = 2\n"),
              (Lines{"headroom.toml:2:1: server.port.x is not a setting",
                     "headroom.toml:3:1: server.zzzzzzzzzzzz is not a setting"}));
}

TEST(SettingsTest, TellsEveryFaultNotOnlyTheFirst) {
    const SettingsSources sources{
        .file = std::nullopt,
        .environment = {{"HEADROOM_LOG__LEVL", "info"}, {"HEADROOM_SERVER_PORT", "1"}},
        .flags = {"log", "server.max_connections=-1"}};
    EXPECT_EQ(sentences("[server]\nport = \"x\"\nhost = 3\n[risk]\nclear_loading = nan\n", sources),
              (Lines{"environment HEADROOM_LOG__LEVL: log.levl is not a setting; did you mean log.level?",
                     "environment HEADROOM_SERVER_PORT: sets nothing; did you mean HEADROOM_SERVER__PORT?",
                     "flag log: is not of the form section.key=value",
                     "headroom.toml:3:1: server.host must be a text",
                     "headroom.toml:2:1: server.port must be a whole number",
                     "flag server.max_connections: server.max_connections must be from 1 to 1000000, it is "
                     "-1",
                     "headroom.toml:5:1: risk.clear_loading must be a number"}));
}

TEST(SettingsTest, RefusesSectionsAndListEntriesAsValues) {
    EXPECT_EQ(sentences("server = 3\n"), Lines{"headroom.toml:1:1: server is a section: write [server]"});
    EXPECT_EQ(sentences("[server]\nport = {a = 1}\n"),
              Lines{"headroom.toml:2:1: server.port must be a whole number"});
    EXPECT_EQ(sentences("", {.file = std::nullopt,
                             .environment = {},
                             .flags = {"server=1", "beckn.providers.0.url=x", "=1", "server.port.=1",
                                       "server.=1"}}),
              (Lines{"flag server: server is a section: name one of its settings",
                     "flag beckn.providers.0.url: beckn.providers.0.url is an entry of a list: give the "
                     "whole list as JSON",
                     "flag : is not a setting", "flag server.port.: server.port. is not a setting",
                     "flag server.: server. is not a setting"}));
}

TEST(SettingsTest, PointsAtTheLineThatIsNoToml) {
    const Lines lines = sentences("[server]\nport = \n");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].substr(0, 27), "headroom.toml:2:8: no TOML:");
    EXPECT_FALSE(sentences("[server]\nport = 1\nport = 2\n").empty());
    EXPECT_FALSE(sentences("[@server]\n").empty());
    EXPECT_FALSE(sentences("[\x0B").empty());
    EXPECT_EQ(sentences("[server]\nport é = 1\n").at(0).substr(0, 21), "headroom.toml:2:6: no");
    EXPECT_EQ(sentences("# café\n[data]\ndir = \"é\"\n"), Lines{});
    EXPECT_FALSE(sentences("a = \"\xFF\"\n").empty());
}

const char* const good_key = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

TEST(SettingsTest, ReadsListsOfProvidersFromFileAndFlag) {
    const std::string toml = std::string("[beckn]\nsubscriber_id = \"bap.example\"\nkey_id = \"k1\"\n") +
                             "[[beckn.providers]]\nid = \"p1\"\nurl = \"http://127.0.0.1:9000\"\n" +
                             "subscriber_id = \"bpp.example\"\npublic_key = \"" + good_key + "\"\n";
    const LoadedSettings from_file = loaded(toml);
    ASSERT_EQ(from_file.settings.beckn.providers.size(), 1U);
    EXPECT_EQ(from_file.settings.beckn.providers[0].id.value, "p1");
    EXPECT_EQ(from_file.origins.at("beckn.providers.0.url"), "headroom.toml:6:7");

    const LoadedSettings from_flag =
        loaded(toml, {.file = std::nullopt, .environment = {}, .flags = {"beckn.providers=[]"}});
    EXPECT_TRUE(from_flag.settings.beckn.providers.empty());
    EXPECT_EQ(from_flag.origins.at("beckn.providers"), "flag beckn.providers");
    EXPECT_FALSE(from_flag.origins.contains("beckn.providers.0.url"));
}

TEST(SettingsTest, ChecksWhatOneFieldAloneCannotSay) {
    const std::string provider =
        "[[beckn.providers]]\nid = \"p1\"\nurl = \"ftp://x.example\"\nsubscriber_id = \"b\"\npublic_key = "
        "\"" +
        std::string(43, 'A') + "=" + "\"\n";
    EXPECT_EQ(
        sentences("[mqtt]\nurl = \"http://x\"\nprefix = \"a/#\"\n[risk]\nlive_persistence = 4\n" + provider +
                  provider),
        (Lines{
            "headroom.toml:2:1: mqtt.url must begin with mqtt://, as in mqtt://127.0.0.1:1883",
            "headroom.toml:3:1: mqtt.prefix must not hold # or + or end in /",
            "default: beckn.subscriber_id is needed to sign what providers are asked",
            "default: beckn.key_id is needed to sign what providers are asked",
            "headroom.toml:8:7: beckn.providers.0.url must begin with http:// or https://",
            "headroom.toml:12:6: beckn.providers.1.id stands twice: p1",
            "headroom.toml:13:7: beckn.providers.1.url must begin with http:// or https://",
            "headroom.toml:5:1: risk.live_persistence is more than live_window, so it could never be met"}));
}

TEST(SettingsTest, ChecksTheEntriesOfAList) {
    const std::string begin =
        "[beckn]\nsubscriber_id = \"a\"\nkey_id = \"k\"\n[[beckn.providers]]\nid = \"p1\"\n";
    EXPECT_EQ(
        sentences(begin + "url = \"http://x\"\nsubscriber_id = \"b\"\nextra = 1\n\"\" = 2\npublic_key = \"" +
                  std::string(43, '!') + "=\"\n"),
        (Lines{"headroom.toml:9:1: beckn.providers.0. is not a setting",
               "headroom.toml:8:1: beckn.providers.0.extra is not a setting",
               "headroom.toml:10:14: beckn.providers.0.public_key must be 32 bytes in base64"}));
    EXPECT_EQ(sentences("[beckn]\nproviders = [1, {id = \"p\"}]\n"),
              (Lines{"headroom.toml:2:14: beckn.providers.0 must be an object",
                     "headroom.toml:2:17: beckn.providers.1.url is missing",
                     "headroom.toml:2:17: beckn.providers.1.subscriber_id is missing"}));
}

TEST(SettingsTest, ReadsTheFileAndSaysWhenItCannot) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("headroom-settings-" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    const auto path = folder / "site.toml";
    std::ofstream(path) << "[server]\nport = 3\n";
    const Result<LoadedSettings> good = load_settings({.file = path, .environment = {}, .flags = {}});
    ASSERT_TRUE(good.has_value()) << good.error().message;
    EXPECT_EQ(good->settings.server.port, 3);
    EXPECT_EQ(good->origins.at("server.port"), path.string() + ":2:1");

    const Result<LoadedSettings> absent =
        load_settings({.file = folder / "none.toml", .environment = {}, .flags = {}});
    ASSERT_FALSE(absent.has_value());
    EXPECT_EQ(absent.error().message, (folder / "none.toml").string() + ": is not there");
    EXPECT_FALSE(load_settings({.file = folder, .environment = {}, .flags = {}}).has_value());

    std::ofstream(path) << std::string(1024 * 1024 + 1, '#');
    EXPECT_FALSE(load_settings({.file = path, .environment = {}, .flags = {}}).has_value());
    std::filesystem::remove_all(folder);
}

TEST(SettingsTest, DescribeThemselves) {
    const json::Value schema(json_schema<Settings>());
    EXPECT_EQ(schema.text("/properties/server/properties/idle_timeout_s/x-unit"), "s");
    EXPECT_EQ(schema.text("/properties/authority/properties/level/enum/0"), "shadow");
}

TEST(EditDistance, CountsSingleCharacters) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("port", ""), 4U);
    EXPECT_EQ(edit_distance("port", "prot"), 2U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(ProcessEnvironment, HoldsTheVariablesOfThisProcess) {
    ASSERT_EQ(setenv("HEADROOM_TEST_VARIABLE", "a=b", 1), 0);
    EXPECT_EQ(process_environment().at("HEADROOM_TEST_VARIABLE"), "a=b");
    ASSERT_EQ(unsetenv("HEADROOM_TEST_VARIABLE"), 0);
}

}  // namespace
}  // namespace headroom
