// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A row of the table: what is done, in order. Only the answers of calls are compared.
 *
 * <p>A file of the table has a line {@code case NAME} for each, and below it one line for each step, indented; what is
 * indented deeper goes on with the line before. The steps under {@code before} are done once. {@code #} begins a comment.
 */
record ApiCase(String name, List<Step> steps) {
    private static final String STEP = "  ";

    /** What one side is made to do. */
    sealed interface Step {
        /**
         * A call.
         *
         * @param caller {@code local}, {@code anonymous}, or who has joined or was minted
         * @param request in lenient JSON, with the macros of {@link Requests}; on streams a list of requests
         */
        record Call(String caller, String method, String request) implements Step {}

        /** A node joins by a token of that name, and is a caller of that name then. */
        record Join(String name) implements Step {}

        /** A node gets its next certificate, with which it is a caller of that other name. */
        record Renew(String name, String as) implements Step {}

        /** A command, its words separated by spaces unless they stand in single quotes. */
        record Run(String words) implements Step {}

        /** A file that commands read, in the server's folder. */
        record Write(String name, String content) implements Step {}

        /** What a file that a command has written is like. */
        record Look(String name) implements Step {}

        /** So many seconds go by. */
        record Pass(int seconds) implements Step {}

        /** A workload that an operator makes a certificate for. */
        record Mint(String name, String path) implements Step {}
    }

    /** All cases of a file beside this class; the first has the steps of {@code before} and no name. */
    static List<ApiCase> read(String file) throws IOException {
        var cases = new ArrayList<ApiCase>();
        var name = "";
        var lines = new ArrayList<String>();
        for (var line : text(file).lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith(STEP + STEP)) {
                lines.set(lines.size() - 1, lines.getLast() + line.strip());
            } else if (line.startsWith(STEP)) {
                lines.add(line.strip());
            } else {
                cases.add(new ApiCase(name, lines.stream().map(ApiCase::step).toList()));
                lines.clear();
                name = line.equals("before") ? "" : line.substring("case ".length());
            }
        }
        cases.add(new ApiCase(name, lines.stream().map(ApiCase::step).toList()));
        return cases.stream().filter(one -> !one.steps().isEmpty()).toList();
    }

    private static String text(String file) throws IOException {
        try (var in = ApiCase.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IOException(file + " is not beside " + ApiCase.class);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Step step(String line) {
        var words = line.split("\\s+", 3);
        return switch (words[0]) {
            case "join" -> new Step.Join(words[1]);
            case "renew" -> new Step.Renew(words[1], words[2]);
            case "run" -> new Step.Run(line.substring("run".length()).strip());
            case "write" -> new Step.Write(words[1], words[2]);
            case "look" -> new Step.Look(words[1]);
            case "pass" -> new Step.Pass(Integer.parseInt(words[1]));
            case "mint" -> new Step.Mint(words[1], words[2]);
            default -> new Step.Call(words[0], words[1], words.length > 2 ? words[2] : "{}");
        };
    }
}
