// What the sources of settings do to one another: precedence, plain names, .env, secrets, notes.

#include "core/settings.hpp"

#include <gtest/gtest.h>

namespace headroom {
namespace {

using Files = std::map<std::string, std::string>;
using Lines = std::vector<std::string>;

/// Sources whose files stand in a map instead of on the disk.
SettingsSources with_files(Files files, SettingsSources sources = {}) {
    sources.read_file = [files = std::move(files)](const std::filesystem::path& path,
                                                   std::size_t) -> Result<std::string> {
        const auto found = files.find(path.string());
        if (found == files.end()) {
            return Error{Errc::not_found, "is not there", ""};
        }
        return found->second;
    };
    return sources;
}

LoadedSettings loaded_from(const SettingsSources& sources) {
    SettingsCheck check = check_settings(sources);
    for (const SettingsFault& fault : check.faults) {
        ADD_FAILURE() << fault.sentence();
    }
    return check.loaded ? *check.loaded : LoadedSettings{};
}

Lines faults(const SettingsSources& sources) {
    Lines lines;
    for (const SettingsFault& fault : check_settings(sources).faults) {
        lines.push_back(fault.sentence());
    }
    return lines;
}

/// Every source sets the port; each test step takes the strongest away.
TEST(SettingsSourcesTest, TheStrongestSourceWins) {
    const std::string toml = "[server]\nport = ";
    SettingsSources sources = with_files(
        {{".env", "PORT=4"}, {"/etc/c", toml + "1"}, {"/home/c", toml + "2"}, {"given", toml + "3"}});
    sources.user_files = {"/etc/c", "/home/c"};
    sources.file = "given";
    sources.usual_env_file = ".env";
    sources.environment = {{"PORT", "5"}, {"HEADROOM_SERVER__PORT", "6"}};
    sources.flags = {"server.port=7"};

    const auto expect = [&](std::int64_t port, const std::string& origin) {
        const LoadedSettings settings = loaded_from(sources);
        EXPECT_EQ(settings.settings.server.port, port);
        EXPECT_EQ(settings.origins.at("server.port"), origin);
    };
    expect(7, "flag server.port");
    sources.flags.clear();
    expect(6, "environment HEADROOM_SERVER__PORT");
    sources.environment.erase("HEADROOM_SERVER__PORT");
    expect(5, "environment PORT");
    sources.environment["PORT"] = "";  // empty counts as not set
    expect(4, ".env:1");
    sources.usual_env_file.reset();
    expect(3, "given:2:1");
    sources.file.reset();
    expect(2, "/home/c:2:1");
    sources.user_files.pop_back();
    expect(1, "/etc/c:2:1");
    sources.user_files.clear();
    expect(8000, "default");
}

TEST(SettingsSourcesTest, EveryPlainNameSetsItsKey) {
    std::set<std::string> keys;
    for (const PlainSettingName& name : plain_setting_names) {
        const std::string key(name.key);
        if (key == "store.database_url") {
            continue;  // refused, see below
        }
        const SettingsSources sources{.environment = {{std::string(name.variable), "8123"}}};
        EXPECT_EQ(loaded_from(sources).origins.at(key), "environment " + std::string(name.variable));
        keys.insert(key);
    }
    EXPECT_EQ(keys.size(), 7U);
}

TEST(SettingsSourcesTest, ASettingThatNothingReadsIsNotedAndNotShown) {
    const LoadedSettings settings =
        loaded_from({.environment = {{"GOOGLE_API_KEY", "hunter2"}, {"BECKN_API_KEY", "hunter2"}}});
    EXPECT_EQ(
        settings.notes,
        (Lines{"beckn.api_key (environment BECKN_API_KEY) is accepted, not used yet: no part of this version "
               "reads it"}));
}

TEST(SettingsSourcesTest, AModelIsEnabledOnlyWithANameAndAFormatThatThereIs) {
    EXPECT_EQ(faults({.flags = {"llm.enabled=true"}}),
              Lines{"default: llm.model is needed once a model is enabled"});
    EXPECT_EQ(faults({.flags = {"llm.enabled=true", "llm.model=m"}}), Lines{});
    EXPECT_EQ(faults({.flags = {"llm.format=telepathy"}}).size(), 1U);
    EXPECT_EQ(faults({.flags = {"llm.url=ftp://x"}}).size(), 1U);
    EXPECT_EQ(faults({.flags = {"llm.share=all"}}).size(), 1U);
}

TEST(SettingsSourcesTest, ADatabaseIsRefusedWithTheRemedyAndWithoutItsPassword) {
    EXPECT_EQ(faults({.environment = {{"DATABASE_URL", "postgresql://u:hunter2@h/db"}}}),
              Lines{"environment DATABASE_URL: store.database_url has the scheme postgresql, which is not "
                    "supported yet: records are kept in SQLite under data.dir. Remedy: unset it; where "
                    "DATABASE_URL is meant for another program, start with --set store.database_url="});
    const Lines no_scheme = faults({.environment = {{"DATABASE_URL", "hunter2"}}});
    ASSERT_EQ(no_scheme.size(), 1U);
    EXPECT_EQ(no_scheme[0].find("hunter2"), std::string::npos);
    EXPECT_EQ(faults({.environment = {{"DATABASE_URL", "mysql://h"}}, .flags = {"store.database_url="}}),
              Lines{});
}

TEST(SettingsSourcesTest, ReadsTheEnvFileWithItsFaults) {
    SettingsSources sources = with_files({{"site.env", "PORT=9000\nHEADROOM_LOG__LEVEL=debug\nOTHER=x\n"},
                                          {"bad.env", "PORT=x\nHEADROOM_LOG__LEVL=debug\nA='\n"}});
    sources.env_file = "site.env";
    const LoadedSettings settings = loaded_from(sources);
    EXPECT_EQ(settings.settings.server.port, 9000);
    EXPECT_EQ(settings.origins.at("log.level"), "site.env:2");

    sources.env_file = "bad.env";
    EXPECT_EQ(faults(sources), (Lines{"bad.env:3:4: has no closing '; a value ends on its line",
                                      "bad.env:2: log.levl is not a setting; did you mean log.level?",
                                      "bad.env:1: server.port must be a whole number"}));
    sources.env_file = "none.env";
    EXPECT_EQ(faults(sources), Lines{"none.env: is not there"});
    sources.env_file.reset();
    sources.usual_env_file = "none.env";
    EXPECT_EQ(faults(sources), Lines{});
}

TEST(SettingsSourcesTest, ASecretMayStandInAFile) {
    SettingsSources sources =
        with_files({{"/run/key", "hunter2\r\n"}, {"/run/empty", "\n"}, {"/run/bad", "a\nb"}});
    sources.environment = {{"HEADROOM_LLM__GOOGLE_API_KEY_FILE", "/run/key"}};
    const LoadedSettings settings = loaded_from(sources);
    EXPECT_EQ(settings.settings.llm.google_api_key, "hunter2");
    EXPECT_EQ(settings.origins.at("llm.google_api_key"),
              "file /run/key (llm.google_api_key_file, environment HEADROOM_LLM__GOOGLE_API_KEY_FILE)");

    sources.environment = {{"HEADROOM_LLM__GOOGLE_API_KEY_FILE", "/run/none"}};
    EXPECT_EQ(faults(sources), Lines{"environment HEADROOM_LLM__GOOGLE_API_KEY_FILE: llm.google_api_key_file "
                                     "names /run/none, which is not there"});
    sources.environment = {{"HEADROOM_LLM__GOOGLE_API_KEY_FILE", "/run/empty"}};
    EXPECT_EQ(faults(sources), Lines{"environment HEADROOM_LLM__GOOGLE_API_KEY_FILE: llm.google_api_key_file "
                                     "names /run/empty, which is empty"});
    sources.environment = {{"HEADROOM_LLM__GOOGLE_API_KEY_FILE", "/run/bad"}};
    EXPECT_EQ(faults(sources),
              Lines{"file /run/bad (llm.google_api_key_file, environment HEADROOM_LLM__GOOGLE_API_KEY_FILE): "
                    "llm.google_api_key holds a control character"});
}

TEST(SettingsSourcesTest, OfASecretAndItsFileTheStrongerSourceWins) {
    SettingsSources sources =
        with_files({{"/run/key", "from-file"}, {"given", "[llm]\ngoogle_api_key_file = \"/run/key\"\n"}});
    sources.file = "given";
    EXPECT_EQ(loaded_from(sources).settings.llm.google_api_key, "from-file");
    sources.environment = {{"GOOGLE_API_KEY", "from-environment"}};
    EXPECT_EQ(loaded_from(sources).settings.llm.google_api_key, "from-environment");
    EXPECT_EQ(loaded_from(sources).settings.llm.google_api_key_file, "");
    sources.flags = {"llm.google_api_key_file=/run/key"};
    EXPECT_EQ(loaded_from(sources).settings.llm.google_api_key, "from-file");
    sources.flags = {"llm.google_api_key=hunter2", "llm.google_api_key_file=/run/key"};
    EXPECT_EQ(faults(sources), Lines{"flag llm.google_api_key_file: llm.google_api_key_file is set beside "
                                     "llm.google_api_key: give one of the two"});
}

TEST(SettingsSourcesTest, NoFaultRepeatsASecret) {
    const std::string secret = "hunter2" + std::string(600, 'x');
    for (const std::string key : {"GOOGLE_API_KEY", "OPENAI_API_KEY", "BECKN_API_KEY", "CARBON_API_KEY"}) {
        const Lines lines = faults({.environment = {{key, secret}}});
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_EQ(lines[0].find("hunter2"), std::string::npos) << lines[0];
        EXPECT_NE(lines[0].find("512"), std::string::npos) << lines[0];
    }
}

TEST(SettingsSourcesTest, RefusesBrokersThatTheClientCannotUse) {
    const auto fault = [](const std::string& url) {
        const Lines lines = faults({.flags = {"mqtt.url=" + url}});
        return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " faults";
    };
    EXPECT_EQ(fault("mqtts://h:8883"),
              "flag mqtt.url: mqtt.url cannot be mqtts:// yet: give the mqtt:// address of a broker on this "
              "computer, which may bridge to others over TLS");
    EXPECT_EQ(fault("mqtt://user:hunter2@h"),
              "flag mqtt.url: mqtt.url must not hold a user or a password: they are not supported yet");
    EXPECT_EQ(fault("tcp://h"),
              "flag mqtt.url: mqtt.url must begin with mqtt://, as in mqtt://127.0.0.1:1883");
}

TEST(SettingsSourcesTest, RefusesANameInThePlaceOfAnAddress) {
    EXPECT_EQ(faults({.flags = {"server.host=nonsense"}}),
              Lines{"flag server.host: server.host is no IP address to listen on; use 127.0.0.1 or 0.0.0.0"});
    EXPECT_EQ(faults({.flags = {"server.host=::1"}}), Lines{});
}

TEST(SettingsSourcesTest, AProcessLooksWhereTheStandardSays) {
    const SettingsSources home = sources_of({{"HOME", "/home/op"}});
    EXPECT_EQ(home.user_files, (std::vector<std::filesystem::path>{"/etc/headroom/config.toml",
                                                                   "/home/op/.config/headroom/config.toml"}));
    EXPECT_EQ(home.usual_env_file, ".env");
    const SettingsSources xdg = sources_of({{"HOME", "/home/op"}, {"XDG_CONFIG_HOME", "/x"}});
    EXPECT_EQ(xdg.user_files.back(), "/x/headroom/config.toml");
    EXPECT_EQ(sources_of({{"XDG_CONFIG_HOME", "relative"}}).user_files.size(), 1U);
}

}  // namespace
}  // namespace headroom
