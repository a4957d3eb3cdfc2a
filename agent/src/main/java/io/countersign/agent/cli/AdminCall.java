// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.countersign.rpc.CodeNames;
import io.countersign.rpc.RpcChannels;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The flags of every command that asks an agent by its admin socket, and the asking. */
final class AdminCall {
    private static final String STANDARD = "/tmp/spire-agent/private/admin.sock";

    @Option(names = "--socketPath", paramLabel = "PATH", description = "The agent's admin socket (" + STANDARD + ").")
    Path socketPath = Path.of(STANDARD);

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            converter = Formats.class,
            description = "pretty or json (pretty)")
    Format output = Format.PRETTY;

    enum Format {
        PRETTY,
        JSON
    }

    /** Whether JSON is wanted. */
    boolean json() {
        return output == Format.JSON;
    }

    /**
     * Opens a channel for as long as {@code work} takes.
     *
     * @param words in front of what a refusal says
     */
    <T> T ask(String words, Function<ManagedChannel, T> work) {
        var channel = RpcChannels.unix(socketPath);
        try {
            return work.apply(channel);
        } catch (StatusRuntimeException e) {
            throw wrong(words + said(e.getStatus()), e);
        } finally {
            channel.shutdownNow();
        }
    }

    /** In the words of the original, whose library has two more slashes in front of a socket that cannot be reached. */
    private String said(Status status) {
        var description = Optional.ofNullable(status.getDescription()).orElse("");
        return "rpc error: code = " + CodeNames.of(status.getCode()) + " desc = "
                + description.replace("dial unix " + socketPath, "dial unix //" + socketPath.toAbsolutePath());
    }

    /** What is wrong, as the commands of the admin socket say it, other than those of the Workload API. */
    static IllegalArgumentException wrong(String words) {
        return new IllegalArgumentException("Error: " + words);
    }

    private static IllegalArgumentException wrong(String words, Throwable cause) {
        return new IllegalArgumentException("Error: " + words, cause);
    }

    /** As the original's JSON: names of the protocol file in alphabetical order, every plain field, one line. */
    static String json(Message answer) {
        try {
            return SortedJson.of(JsonFormat.printer()
                            .includingDefaultValueFields()
                            .preservingProtoFieldNames()
                            .print(answer))
                    .toString();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an answer that was just parsed cannot be printed", e);
        }
    }

    private static final class Formats implements ITypeConverter<Format> {
        @Override
        public Format convert(String text) {
            return switch (text) {
                case "json" -> Format.JSON;
                case "pretty" -> Format.PRETTY;
                default -> throw new TypeConversionException("\"" + text + "\" was found; expected pretty or json");
            };
        }
    }
}
