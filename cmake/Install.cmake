# Install.cmake - what `cmake --install` puts where.
#
# The programs find each other beside the one that runs, so all of them stay in
# one directory and only the command is on PATH, as a link.

include(GNUInstallDirs)
set(home ${CMAKE_INSTALL_LIBEXECDIR}/bulkhead)

install(TARGETS bulkhead bulkhead-broker bulkhead-authd bulkhead-smbd bulkhead-fsd bulkhead-clientd
	RUNTIME DESTINATION ${home})
file(RELATIVE_PATH link ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBEXECDIR}/bulkhead/bulkhead)
install(CODE "
	set(bin \"\$ENV{DESTDIR}${CMAKE_INSTALL_FULL_BINDIR}\")
	file(MAKE_DIRECTORY \"\${bin}\")
	file(CREATE_LINK \"${link}\" \"\${bin}/bulkhead\" SYMBOLIC)
")

file(GLOB pages1 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.1)
file(GLOB pages5 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.5)
file(GLOB pages7 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.7)
file(GLOB pages8 CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/man/*.8)
foreach(section 1 5 7 8)
	install(FILES ${pages${section}} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

install(FILES deploy/systemd/bulkhead.service deploy/systemd/bulkhead.socket
	DESTINATION lib/systemd/system)
install(FILES deploy/systemd/bulkhead.tmpfiles DESTINATION lib/tmpfiles.d RENAME bulkhead.conf)
install(FILES deploy/systemd/bulkhead.sysusers DESTINATION lib/sysusers.d RENAME bulkhead.conf)
install(FILES deploy/completion/bulkhead.bash
	DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME bulkhead)
install(FILES deploy/completion/_bulkhead
	DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES deploy/bulkhead.conf.example DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
