// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Side;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A line of a helper's log. What stands behind the colon of a message (the cause, in the words of a library) counts with the
 * fields. Of our lines only those count that the original has as well: it may be told more.
 */
record LogLine(String level, String message, String rest) {
    private static final Pattern ORIGINAL =
            Pattern.compile("time=\\S+ level=(\\w+) msg=(\"(?:[^\"\\\\]|\\\\.)*\"|\\S+)(.*)");
    private static final Pattern OURS = Pattern.compile("\\d{4}-\\S+ (\\w+) +(.*?)((?: \\w+=\".*)?)");
    private static final Pattern ERROR_FIELD = Pattern.compile("error=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+))");
    private static final Pattern FLAG = Pattern.compile("\\s+-([a-z-]+)\\b.*");
    private static final Pattern CAUSE = Pattern.compile("(Error writing JWT Bundle to disk|Unable to fetch JWT SVID"
            + "|Unable to parse or validate token|Unable to update JWT SVID|Error while watching x509 context"
            + "|Error while watching JWT bundles|(?:cmd|renew_signal) is set but daemon_mode is false"
            + "|SPIRE_AGENT_ADDRESS is deprecated)\\b.*");
    private static final Pattern OF_THE_ORIGINAL = Pattern.compile("Using configuration file: .*"
            + "|failed to parse configuration|invalid configuration|Error starting spiffe-helper|Exiting"
            + "|Launching daemon|Daemon mode disabled|Watching for X509 Context|Watching for JWT Bundles|Received update"
            + "|X\\.509 certificates updated|Unable to dump bundle|JWT bundle updated|JWT SVID updated"
            + "|Unable to signal (process|PID file)|Successfully fetched .*|Error fetching .*"
            + "|Starting health server|Error serving health checks|" + CAUSE.pattern());

    static List<LogLine> all(Side side, String log) {
        return log.lines().flatMap(line -> parse(side, line).stream()).toList();
    }

    private static Optional<LogLine> parse(Side side, String line) {
        var matcher = (side == Side.OURS ? OURS : ORIGINAL).matcher(line.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var message = unquoted(matcher.group(2));
        if (side == Side.OURS && !OF_THE_ORIGINAL.matcher(message).matches()) {
            return Optional.empty();
        }
        var level = matcher.group(1).toLowerCase(Locale.ROOT).replace("warning", "warn");
        var cause = CAUSE.matcher(message);
        return Optional.of(
                cause.matches()
                        ? new LogLine(level, cause.group(1), message)
                        : new LogLine(level, message, matcher.group(3)));
    }

    private static String unquoted(String text) {
        return text.startsWith("\"") ? text.substring(1, text.length() - 1).replaceAll("\\\\(.)", "$1") : text;
    }

    /** Which messages there were, whatever their order and number, and what the failures say. */
    static Answer describe(Answer answer, Side side, String log, Path folder) {
        var fields = new TreeMap<String, String>();
        for (var line : all(side, log)) {
            var message = Normal.text(line.message, folder);
            fields.put("log." + message, line.level);
            var error = ERROR_FIELD.matcher(line.rest);
            if (error.find()) {
                var text = error.group(1) == null ? error.group(2) : error.group(1);
                fields.put("error." + message, Normal.text(text.replaceAll("\\\\(.)", "$1"), folder));
            }
        }
        var described = answer.with("usage", usage(side, log));
        for (var field : fields.entrySet()) {
            described = described.with(field.getKey(), field.getValue());
        }
        return described;
    }

    /** What is no line of a log: the reason, and the flags that are explained. */
    private static String usage(Side side, String log) {
        var words = new ArrayList<String>();
        var flags = new TreeSet<String>();
        for (var line : log.lines().toList()) {
            var flag = FLAG.matcher(line);
            if (flag.matches()) {
                flags.add(flag.group(1));
            } else if (!line.startsWith("Usage") && !line.matches("\\s.*") && !isLogged(side, line)) {
                words.add(line);
            }
        }
        return String.join("\n", words) + (flags.isEmpty() ? "" : " " + flags);
    }

    private static boolean isLogged(Side side, String line) {
        return (side == Side.OURS ? OURS : ORIGINAL).matcher(line.strip()).matches();
    }
}
