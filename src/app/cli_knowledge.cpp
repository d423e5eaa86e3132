#include "app/cli_parts.hpp"
#include "app/run_knowledge.hpp"

namespace headroom::app {

void add_knowledge(CLI::App& app, Action& action) {
    static KnowledgeCommand options;
    static SettingsFlags flags;
    auto* knowledge =
        app.add_subcommand("knowledge", "Rulebooks of this site: manuals and regulations that plans cite");
    knowledge->require_subcommand(1);
    knowledge->footer(
        "Example:\n  headroom knowledge add operating-manual.pdf\n"
        "  headroom knowledge search \"notice period of a provider\"");
    const auto add = [&](const char* name, const char* about, int (*run)(const KnowledgeCommand&)) {
        auto* command = knowledge->add_subcommand(name, about);
        flags.add_to(*command);
        command
            ->add_option("--data-dir", options.data_dir,
                         "Folder of the data (data.dir); a control room may run over it")
            ->type_name("DIR");
        command->add_flag("--json", options.is_json, "One JSON object on stdout");
        command->callback([&action, run] {
            action = [run] {
                options.sources = flags.sources();
                return run(options);
            };
        });
        return command;
    };
    auto* take = add("add", "Take a document in, in the place of one of the same name", run_knowledge_add);
    take->add_option("file", options.file, "PDF, HTML, Markdown or text")->required()->type_name("FILE");
    take->add_option("--name", options.name, "Name to cite it by (default: the file's)")->type_name("NAME");
    take->add_option("--title", options.title, "Title (default: as the document calls itself)");
    take->footer(
        "PDFs are read by pdftotext of poppler-utils.\nExample:\n  headroom knowledge add "
        "operating-manual.pdf --name manual");

    auto* list = add("list", "Documents that are indexed", run_knowledge_list);
    list->footer("Example:\n  headroom knowledge list --json");

    auto* search = add("search", "Passages that answer a question", run_knowledge_search);
    search->add_option("question", options.text, "Words to look for")->required()->type_name("TEXT");
    search->add_option("--document", options.name, "Only in this document")->type_name("NAME");
    search->add_option("--limit", options.limit, "Passages wanted")
        ->check(CLI::Range(1, 50))
        ->capture_default_str();
    search->footer(
        "Exit: 0 found, 1 nothing fits.\nExample:\n  headroom knowledge search \"continuous rating of a "
        "feeder\" --limit 3");

    auto* remove = add("remove", "Take a document out: it is no longer cited", run_knowledge_remove);
    remove->add_option("name", options.name, "Its name")->required()->type_name("NAME");
    remove->footer("Example:\n  headroom knowledge remove manual");
}

}  // namespace headroom::app
