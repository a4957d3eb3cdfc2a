// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.sds;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.countersign.sdsapi.core.DataSource;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.countersign.sdsapi.tls.SPIFFECertValidatorConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A file that says what an agent would answer: a DiscoveryResponse in YAML or JSON. Unlike an agent it may name further files,
 * as whoever writes it writes the sidecar's own file as well.
 */
final class SecretDocument {
    /** How a file's content is had. */
    @FunctionalInterface
    interface Files {
        byte[] read(Path file) throws IOException;
    }

    private SecretDocument() {}

    /** @throws IllegalArgumentException saying what is wrong, without a word of the secret's contents */
    static Secret read(String name, Path file, Files files) throws IOException {
        var text = new String(files.read(file), StandardCharsets.UTF_8);
        var reader = new MessageReader(
                message -> filled(message, files),
                io.countersign.sdsapi.tls.Secret.getDefaultInstance(),
                SPIFFECertValidatorConfig.getDefaultInstance());
        var response = DiscoveryResponse.newBuilder();
        try {
            reader.read(new Load(LoadSettings.builder().build()).loadFromString(text), response);
            return SecretParser.parse(response.build(), name);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException(file + " is neither YAML nor JSON", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** What a file holds in the place of its name. */
    private static Message filled(Message message, Files files) {
        if (!(message instanceof DataSource source) || !source.hasFilename()) {
            return message;
        }
        try {
            return DataSource.newBuilder()
                    .setInlineBytes(ByteString.copyFrom(files.read(Path.of(source.getFilename()))))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
