package dialect

// SettingSet is a set of settings.
type SettingSet uint32

// The sets that conflicts suppress.
var (
	allSettings = setOf(settingsWhere(func(SettingInfo) bool { return true })...)
	// cookieSettings keep a client on one pod by a cookie.
	cookieSettings = setOf(settingsWhere(func(i SettingInfo) bool { return i.Affinity == ByCookie })...)
	// controllerAffinity keeps a client on one pod by the controller.
	controllerAffinity = setOf(settingsWhere(func(i SettingInfo) bool { return i.Affinity != NoAffinity })...)
	// affinitySettings are those and the Service's session affinity.
	affinitySettings = controllerAffinity.with(SessionAffinity)
)

// setOf returns the set of the given settings.
func setOf(all ...Setting) SettingSet { return SettingSet(0).with(all...) }

// settingsWhere lists the settings that match.
func settingsWhere(match func(SettingInfo) bool) (all []Setting) {
	for s, info := range Settings() {
		if match(info) {
			all = append(all, s)
		}
	}
	return all
}

func (set SettingSet) with(all ...Setting) SettingSet {
	for _, s := range all {
		set |= 1 << s
	}
	return set
}

// without returns the settings of the set that aren't in another one.
func (set SettingSet) without(other SettingSet) SettingSet { return set &^ other }

// Contains reports whether the set contains a setting.
func (set SettingSet) Contains(s Setting) bool { return set&(1<<s) != 0 }

// Union returns the settings that are in either set.
func (set SettingSet) Union(other SettingSet) SettingSet { return set | other }
