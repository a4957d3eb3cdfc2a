// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.server.ApiCase.Step;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.serverapi.localauthority.AuthorityState;
import io.countersign.serverapi.localauthority.GetJWTAuthorityStateRequest;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateRequest;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The command line of one side, given to a server of this side or the other.
 *
 * @param folder for the files of commands
 * <p>In files {@code CA-AS-PEM}, {@code CA-AS-STRING} (for JSON) and {@code CA-AS-DOCUMENT} stand for a bundle.
 *
 * @param mark in the place of {@code @@}, so that different pairs do not meet in the same entries; in the place of words such as
 *     {@code X509-PREPARED} the id of that authority comes
 */
record Commands(Side side, RunningServer server, Callers callers, Path folder, String mark) {
    private static final long PATIENCE_SECONDS = 20;
    private static final Pattern AUTHORITY = Pattern.compile("(X509|JWT)-(ACTIVE|PREPARED|OLD)");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    Answer hold(ApiCase wanted) throws Exception {
        var answer = Answer.empty();
        int number = 0;
        for (var step : wanted.steps()) {
            switch (step) {
                case Step.Run(var words) -> answer = answer.with(++number + "", run(words));
                case Step.Look(var name) -> answer = answer.with(name, look(folder.resolve(name)));
                case Step.Write(var name, var content) -> Files.writeString(folder.resolve(name), filled(content));
                case Step.Call(var caller, var method, var request) ->
                    Conversation.hold(
                            new ApiCase("", List.of(new Step.Call(caller, method, request.replace("@@", mark)))),
                            callers);
                case Step.Join(var name) -> callers.join(filled(name));
                default -> throw new IllegalArgumentException(step + " is no step of commands");
            }
        }
        return answer;
    }

    private String filled(String text) {
        return AUTHORITY
                .matcher(text)
                .replaceAll(name -> authority(name.group(1), name.group(2)))
                .replace("@@", mark)
                .replace("CA-AS-PEM", Authority.pem("command"))
                .replace("CA-AS-STRING", Authority.pem("command").replace("\n", "\\n"))
                .replace("CA-AS-DOCUMENT", Authority.document("command"))
                .replace("FOLDER", folder.toString())
                .replace("SOCKET", server.socket().toString());
    }

    private String authority(String kind, String state) {
        var stub = LocalAuthorityGrpc.newBlockingStub(callers.of(Callers.LOCAL))
                .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
        var message = kind.equals("X509")
                ? stub.getX509AuthorityState(GetX509AuthorityStateRequest.getDefaultInstance())
                : stub.getJWTAuthorityState(GetJWTAuthorityStateRequest.getDefaultInstance());
        var field = message.getDescriptorForType().findFieldByName(state.toLowerCase(Locale.ROOT));
        return ((AuthorityState) message.getField(field)).getAuthorityId();
    }

    private Answer run(String words) throws Exception {
        var command = new ArrayList<String>();
        var word = WORD.matcher(words);
        while (word.find()) {
            command.add(filled(word.group(1) != null ? word.group(1) : word.group(2)));
        }
        var outcome = Outcome.of(Map.of("TZ", "UTC"), side.command(Part.SERVER, command));
        return Answer.empty()
                .with("code", outcome.code())
                .with("out", Printed.of(outcome.out(), this::plain))
                .with("err", Printed.of(outcome.err(), this::plain));
    }

    private String plain(String text) {
        return text.replace(server.socket().toString(), "SOCKET")
                .replace(folder.toString(), "FOLDER")
                .replace(mark, "@@");
    }

    private Answer look(Path file) throws Exception {
        return Answer.empty()
                .with("mode", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .with("content", Printed.of(Files.readString(file), this::plain));
    }
}
