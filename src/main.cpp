#include "app/cli.hpp"

int main(int argc, char** argv) {
    return headroom::app::run(argc, argv);
}
