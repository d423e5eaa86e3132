#include "core/settings_doc.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

namespace headroom {
namespace {

TEST(SettingsDocTest, TheTemplateHoldsEveryKeyAtItsDefault) {
    const std::string text = settings_template();
    const SettingsCheck as_written = check_settings_text(text, "headroom.toml", {});
    ASSERT_TRUE(as_written.loaded.has_value()) << as_written.faults[0].sentence();
    EXPECT_EQ(to_json(as_written.loaded->settings), to_json(Settings{}));

    const std::string taken_up = std::regex_replace(text, std::regex("\n# ([a-z0-9_]+ = )"), "\n$1");
    const SettingsCheck check = check_settings_text(taken_up, "headroom.toml", {});
    ASSERT_TRUE(check.loaded.has_value()) << check.faults[0].sentence();
    EXPECT_EQ(to_json(check.loaded->settings), to_json(Settings{}));
    for (const auto& [key, origin] : check.loaded->origins) {
        EXPECT_TRUE(origin.starts_with("headroom.toml:")) << key << " is missing";
    }
}

TEST(SettingsDocTest, TheExampleOfAListCanBeTaken) {
    std::smatch found;
    const std::string text = settings_template();
    ASSERT_TRUE(std::regex_search(text, found, std::regex("for example: (providers = .*)\n")));
    const SettingsCheck check = check_settings_text("[beckn]\n" + found[1].str() + "\n", "x", {});
    for (const SettingsFault& fault : check.faults) {
        // The example's key is no key, and who signs is not said: nothing else is wrong with it.
        EXPECT_TRUE(fault.key.ends_with("public_key") || fault.where == "default") << fault.sentence();
    }
}

TEST(SettingsDocTest, SecretsAreMaskedAndOriginsTold) {
    const SettingsCheck check =
        check_settings({.environment = {{"GOOGLE_API_KEY", "hunter2"}}, .flags = {"server.port=9000"}});
    ASSERT_TRUE(check.loaded.has_value());
    const std::vector<ShownSetting> shown = shown_settings(*check.loaded);
    EXPECT_EQ(shown.size(), check.loaded->origins.size());
    int secrets = 0;
    for (const ShownSetting& setting : shown) {
        EXPECT_EQ(json::write(setting.value).find("hunter2"), std::string::npos);
        if (setting.key == "server.port") {
            EXPECT_EQ(setting.value, json::Value(9000));
            EXPECT_EQ(setting.origin, "flag server.port");
            EXPECT_TRUE(setting.is_used);
        }
        if (setting.key == "llm.google_api_key") {
            EXPECT_EQ(setting.value, json::Value(std::string(secret_mask)));
            EXPECT_TRUE(setting.is_used);
        }
        secrets += setting.is_secret ? 1 : 0;
        if (setting.is_secret && setting.key != "llm.google_api_key") {
            EXPECT_EQ(setting.value, json::Value(std::string())) << "what is not set is not masked";
        }
    }
    EXPECT_EQ(secrets, 12);
}

TEST(SettingsDocTest, TheSchemaTellsEditorsWhatIsSecret) {
    const json::Value schema(settings_schema());
    EXPECT_EQ(schema.text("/title"), "Settings of Headroom");
    const json::Value* llm = schema.get("properties")->get("llm")->get("properties");
    EXPECT_NE(llm->get("google_api_key")->get("writeOnly"), nullptr);
    EXPECT_EQ(llm->get("google_api_key_file")->get("writeOnly"), nullptr);
}

TEST(SettingsDocTest, TheTableNamesEveryVariable) {
    const std::string text = settings_markdown();
    EXPECT_NE(text.find("`HEADROOM_SERVER__PORT`, `PORT`"), std::string::npos);
    EXPECT_NE(text.find("`HEADROOM_LLM__GOOGLE_API_KEY`, `GOOGLE_API_KEY`"), std::string::npos);
    EXPECT_NE(text.find("shadow, propose or act"), std::string::npos);
}

}  // namespace
}  // namespace headroom
